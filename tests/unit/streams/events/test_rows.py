"""Embeddings travel bit for bit."""

import base64

import numpy as np
import orjson
import pytest
from fakes.old_embeddings import rows_as_json
from fakes.rows import bits, dense, random_dense, random_sparse, sparse
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from encoders.types import Modality, SparseRow
from streams.events.rows import digest_of_rows, embedding_from_json, embedding_to_json, same_rows

FLOATS = arrays.arrays(np.float32, st.integers(0, 9), elements=st.floats(width=32))
HALVES = arrays.arrays(np.float16, st.integers(0, 9), elements=st.floats(width=16, allow_nan=False))
DENORMAL = np.float32(1e-45)
EMPTY = SparseRow(np.empty(0, np.uint32), np.empty(0, np.float32))


def text_of(data):
    return base64.b64encode(data).decode()


def there_and_back(embedding):
    return embedding_from_json(orjson.loads(orjson.dumps(embedding_to_json(embedding))))


@given(FLOATS, FLOATS)
def test_any_rows_come_back_bit_for_bit(row, values):
    embedding = {Modality.TEXT: row, Modality.LEXICAL: SparseRow(np.arange(len(values), dtype=np.uint32), values)}
    assert bits(there_and_back(embedding)) == bits(embedding)


@pytest.mark.parametrize(
    "row",
    [
        dense(-0.0, 0.0),
        dense(DENORMAL, -DENORMAL),
        dense(np.finfo(np.float32).max, np.finfo(np.float32).tiny),
        dense(np.nan, np.inf, -np.inf),
        dense(),
    ],
    ids=["signed zeros", "denormals", "extremes", "no numbers", "nothing"],
)
def test_numbers_at_the_edges_come_back_bit_for_bit(row):
    assert bits(there_and_back({Modality.IMAGE: row})) == bits({Modality.IMAGE: row})


@pytest.mark.parametrize("row", [EMPTY, sparse({0: 1.0, 2**32 - 1: -0.0})], ids=["empty", "first and last bucket"])
def test_sparse_rows_at_the_edges_come_back_bit_for_bit(row):
    assert bits(there_and_back({Modality.LEXICAL: row})) == bits({Modality.LEXICAL: row})


def test_an_embedding_without_rows_comes_back():
    assert there_and_back({}) == {}


def test_rows_that_come_back_can_be_written_to():
    row = there_and_back({Modality.TEXT: dense(1, 2)})[Modality.TEXT]
    row += 1
    assert row.tolist() == [2, 3]


def test_rows_travel_in_little_endian_whatever_the_machine():
    big_endian = np.array([1.0, 2.0], ">f4")
    assert embedding_to_json({Modality.TEXT: big_endian}) == {"text": {"f2": text_of(b"\x00\x3c\x00\x40")}}
    exact = np.array([1 + 2**-20], ">f4")
    assert embedding_to_json({Modality.TEXT: exact}) == {"text": {"f4": text_of(b"\x08\x00\x80\x3f")}}


@pytest.mark.parametrize(
    "value",
    [
        {"smell": ""},
        {"text": "AAA="},
        {"text": "?"},
        {"lexical": ["AAAAAA=="]},
        {"text": {}},
        {"text": {"f8": ""}},
        {"text": {"f2": "AA=="}},
        {"text": {"f2": "", "f4": ""}},
        {"lexical": {"u4": "AAAAAA=="}},
        {"lexical": {"u4": "AAAAAA==", "f2": ""}},
    ],
)
def test_what_holds_no_rows_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        embedding_from_json(value)


@given(FLOATS, FLOATS)
def test_rows_that_were_written_before_there_was_float16_are_read(row, values):
    embedding = {Modality.TEXT: row, Modality.LEXICAL: SparseRow(np.arange(len(values), dtype=np.uint32), values)}
    assert bits(embedding_from_json(rows_as_json(embedding))) == bits(embedding)


@given(HALVES, HALVES)
def test_numbers_that_float16_holds_take_two_bytes(row, values):
    indices = np.arange(len(values), dtype=np.uint32)
    embedding = {Modality.TEXT: row.astype(np.float32), Modality.LEXICAL: SparseRow(indices, values.astype(np.float32))}
    written = embedding_to_json(embedding)
    sizes = [len(base64.b64decode(written[name]["f2"])) for name in ("text", "lexical")]
    assert sizes == [2 * len(row), 2 * len(values)]
    assert bits(there_and_back(embedding)) == bits(embedding)


def test_embeddings_are_the_same_when_modalities_and_bits_are():
    rng = np.random.default_rng(1)
    one = {Modality.TEXT: random_dense(rng, 4), Modality.LEXICAL: random_sparse(rng)}
    assert same_rows(one, there_and_back(one))
    assert same_rows(one, dict(reversed(one.items())))
    assert not same_rows(one, {Modality.TEXT: one[Modality.TEXT]})
    assert not same_rows(one, one | {Modality.LEXICAL: random_sparse(rng)})


def test_zeros_of_different_sign_are_different_rows():
    assert not same_rows({Modality.TEXT: dense(0.0)}, {Modality.TEXT: dense(-0.0)})


def test_rows_of_no_number_are_the_same_when_their_bits_are():
    assert same_rows({Modality.TEXT: dense(np.nan)}, {Modality.TEXT: dense(np.nan)})


def test_the_digest_of_rows_tells_any_change_and_survives_the_journey():
    rng = np.random.default_rng(2)
    row, words = random_dense(rng, 8), random_sparse(rng)
    back = there_and_back({Modality.TEXT: row, Modality.LEXICAL: words})
    assert digest_of_rows(back.values()) == digest_of_rows([row, words])
    nudged = row.copy()
    nudged[3] = np.nextafter(nudged[3], np.float32(1))
    assert len({digest_of_rows(rows) for rows in ([row, words], [nudged, words], [words, row], [row], [])}) == 5
