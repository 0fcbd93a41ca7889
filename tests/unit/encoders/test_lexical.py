import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save
from sklearn.feature_extraction.text import TfidfVectorizer

from encoders.bundle import LexicalSpec
from encoders.errors import BundleError
from encoders.lexical import FLAT, Idf, LexicalEncoder, buckets_of, fit_idf, read_idf
from encoders.types import SparseRow

SPEC = LexicalSpec()
FLAT_ENCODER = LexicalEncoder(SPEC)


def similarity(a: SparseRow | None, b: SparseRow | None) -> float:
    assert a is not None
    assert b is not None
    _, at_a, at_b = np.intersect1d(a.indices, b.indices, return_indices=True)
    return float(a.values[at_a] @ b.values[at_b])


def compare(a: str, b: str, encoder: LexicalEncoder = FLAT_ENCODER) -> float:
    return similarity(*encoder.encode([a, b]))


@given(st.lists(st.text(max_size=200), max_size=5))
def test_rows_are_of_unit_length_with_growing_indices_and_values_above_zero(titles: list[str]) -> None:
    for title, row in zip(titles, FLAT_ENCODER.encode(titles), strict=True):
        if row is None:
            assert not any(letter.isascii() and letter.isalnum() for letter in title)
            continue
        assert (row.indices.dtype, row.values.dtype) == (np.uint32, np.float32)
        assert np.all(np.diff(row.indices.astype(np.int64)) > 0)
        assert np.all(row.values > 0)
        assert np.linalg.norm(row.values) == pytest.approx(1, abs=1e-6)
        assert row.indices.size <= SPEC.limit
        assert row.indices.max(initial=0) < 2 ** (SPEC.bits + 1)


@pytest.mark.parametrize("title", [None, "", "  \t", "!!! ---", "\N{BULLET}"])
def test_a_title_without_a_word_has_no_row(title: str | None) -> None:
    assert FLAT_ENCODER.encode([title, "shoe"])[0] is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("iPhone 8", "IPHONE  8!"),
        ("Caf\u00e9", "cafe\u0301"),
        ("Caf\u00e9 crema", "Cafe crema"),
        ("\uff33\uff4f\uff4e\uff59 TV", "Sony tv"),
        ("Stra\u00dfe", "STRASSE"),
        ("snake_case", "snake case"),
    ],
)
def test_case_accents_width_and_punctuation_do_not_count(a: str, b: str) -> None:
    assert compare(a, b) == pytest.approx(1, abs=1e-6)


def test_the_order_of_words_does_not_count() -> None:
    assert compare("red apple phone", "phone red apple") == pytest.approx(1, abs=1e-6)


def test_a_number_meets_its_unit_with_and_without_a_space() -> None:
    assert compare("64 gb", "64gb") > compare("64 hq", "64gb") + 0.1


def test_a_decimal_number_is_one_word() -> None:
    assert compare("1.5 l", "1,5 l") < 1
    assert compare("1.5", "5") < compare("1 5", "5")


def test_a_misspelt_word_is_still_near_and_another_is_not() -> None:
    assert compare("camera", "camerra") > 0.3
    assert compare("camera", "teapot") == 0


def test_the_similarity_is_the_shares_of_words_and_of_characters() -> None:
    """'ab cd' and 'ab ef' share one of two words; ' ab ' is the only run of four characters in 'ab'."""
    spec = LexicalSpec(word_share=0.3)
    assert compare("ab cd", "ab ef", LexicalEncoder(spec)) == pytest.approx(0.3 * 1 / 2 + 0.7 * 1 / 2, abs=1e-6)


@pytest.mark.parametrize("word_share", [0, 1])
def test_words_or_characters_alone_can_make_the_row(word_share: float) -> None:
    (row,) = LexicalEncoder(LexicalSpec(word_share=word_share)).encode(["red shoe"])
    assert row is not None
    assert np.all((row.indices < 2**SPEC.bits) == bool(word_share))


def test_idf_is_scikit_learns() -> None:
    titles = ["red shoe", "red phone", "blue camera", "red"]
    spec = LexicalSpec(word_share=1)
    idf = fit_idf(titles, spec)
    reference = TfidfVectorizer().fit(titles)
    words = reference.get_feature_names_out()
    buckets = np.concatenate([found[found < 2**spec.bits] for found in buckets_of(list(words), spec)])
    assert idf.of(buckets) == pytest.approx(reference.idf_, abs=1e-6)
    assert idf.of(np.array([2**spec.bits - 1], dtype=np.uint32)) == pytest.approx([math.log(5) + 1], abs=1e-6)


def test_rows_are_those_of_scikit_learns_tf_idf_with_words_alone_and_no_emphasis() -> None:
    titles = ["red shoe", "red phone case", "blue camera", "red"]
    spec = LexicalSpec(word_share=1, emphasis=1)
    encoder = LexicalEncoder(spec, fit_idf(titles, spec))
    matrix = TfidfVectorizer().fit_transform(titles)
    reference = (matrix @ matrix.T).toarray()
    rows = encoder.encode(titles)
    assert np.array([[similarity(a, b) for b in rows] for a in rows]) == pytest.approx(reference, abs=1e-6)


def test_what_is_rare_decides() -> None:
    spec = LexicalSpec()
    titles = [f"sony camera model{i}" for i in range(50)]
    encoder = LexicalEncoder(spec, fit_idf(titles, spec))
    same, other = "sony camera zx81", "sony camera zx99"
    assert compare(same, "zx81", encoder) > compare(same, other, encoder)
    assert compare(same, "zx81") < compare(same, other)


def test_a_long_title_keeps_its_rarest_features() -> None:
    spec = LexicalSpec(limit=8)
    encoder = LexicalEncoder(spec, fit_idf(["many common words in every title of this shop"] * 20, spec))
    (long,) = encoder.encode(["many common words in every title of this shop zx81"])
    (rare,) = encoder.encode(["zx81"])
    assert long is not None
    assert rare is not None
    assert long.indices.size == 8
    assert set(rare.indices) <= set(long.indices)
    assert np.linalg.norm(long.values) == pytest.approx(1, abs=1e-6)


def test_rows_do_not_depend_on_the_batch() -> None:
    titles = ["red shoe", "blue camera 64 gb", "red"]
    for alone, together in zip((FLAT_ENCODER.encode([t])[0] for t in titles), FLAT_ENCODER.encode(titles), strict=True):
        assert alone is not None
        assert together is not None
        assert np.array_equal(alone.indices, together.indices)
        assert np.array_equal(alone.values, together.values)


@pytest.mark.slow
def test_rows_are_the_same_in_another_process() -> None:
    code = (
        "from encoders.lexical import *; from encoders.bundle import LexicalSpec; "
        "row = LexicalEncoder(LexicalSpec()).encode(['Sony Alpha 7 IV'])[0]; "
        "print(row.indices.tobytes().hex(), row.values.tobytes().hex())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    (row,) = FLAT_ENCODER.encode(["Sony Alpha 7 IV"])
    assert row is not None
    assert done.stdout.split() == [row.indices.tobytes().hex(), row.values.tobytes().hex()]


def test_an_idf_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    idf = fit_idf(["red shoe", "blue shoe"], SPEC)
    (tmp_path / "idf.safetensors").write_bytes(idf.to_bytes())
    read = read_idf(tmp_path / "idf.safetensors")
    assert np.array_equal(read.indices, idf.indices)
    assert np.array_equal(read.weights, idf.weights)
    assert read.unseen == pytest.approx(idf.unseen)


@pytest.mark.parametrize("content", [None, b"", b"not a table"])
def test_a_file_that_is_no_idf_table_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "idf.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BundleError, match="no IDF table"):
        read_idf(path)


@pytest.mark.parametrize(
    ("changed", "got"),
    [
        ({"unseen": []}, r"float32 \(0,\)"),
        ({"unseen": [1, 2]}, r"float32 \(2,\)"),
        ({"unseen": [np.nan]}, "a weight that is not above zero"),
        ({"weights": [1, 0]}, "a weight that is not above zero"),
        ({"weights": [1, np.inf]}, "a weight that is not above zero"),
        ({"weights": [1]}, r"float32 \(1,\)"),
        ({"indices": [7, 7]}, "indices that do not grow"),
    ],
)
def test_a_table_of_other_measures_is_refused(tmp_path: Path, changed: dict[str, list[float]], got: str) -> None:
    table: dict[str, list[float]] = {"indices": [3, 7], "weights": [1, 2], "unseen": [4]}
    kinds = {"indices": np.uint32, "weights": np.float32, "unseen": np.float32}
    (tmp_path / "idf.safetensors").write_bytes(
        save({name: np.array(values, kinds[name]) for name, values in {**table, **changed}.items()})
    )
    with pytest.raises(BundleError, match=rf"no IDF table \(.*{got}"):
        read_idf(tmp_path / "idf.safetensors")


def test_weights_of_buckets_seen_and_unseen() -> None:
    idf = Idf(np.array([3, 7], dtype=np.uint32), np.array([1.5, 2.5], dtype=np.float32), unseen=4)
    assert idf.of(np.array([1, 3, 5, 7, 9], dtype=np.uint32)).tolist() == [4, 1.5, 4, 2.5, 4]
    assert FLAT.of(np.array([1, 2], dtype=np.uint32)).tolist() == [1, 1]


def test_titles_without_a_word_do_not_make_words_rarer() -> None:
    assert fit_idf(["shoe", "", "!"], SPEC).unseen == fit_idf(["shoe"], SPEC).unseen


def test_other_features_are_other_rows() -> None:
    longer = LexicalEncoder(replace(SPEC, characters=(3, 5)))
    (row,), (other,) = FLAT_ENCODER.encode(["camera"]), longer.encode(["camera"])
    assert row is not None
    assert other is not None
    assert other.indices.size > row.indices.size
