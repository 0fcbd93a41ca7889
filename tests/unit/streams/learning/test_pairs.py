import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import SettingsError
from streams.learning.pair_files import SaidPairs, read_pairs
from streams.learning.pairs import kept_apart, labels_of_pairs, merged_labels
from streams.learning.telling import Telling

IDS = st.sampled_from("abcdefgh")
PAIRS = st.lists(st.tuples(IDS, IDS), max_size=12)
LABELS = st.dictionaries(IDS, st.sampled_from(["p", "q", "a", "b"]), max_size=6)


@pytest.fixture
def told():
    """What is warned of, and the telling that hears it."""
    warnings = []
    return warnings, Telling(warn=warnings.append)


def test_connected_pairs_are_one_label_the_smallest_id():
    assert labels_of_pairs([("d", "c"), ("a", "b"), ("e", "d")]) == {"a": "a", "b": "a", "c": "c", "d": "c", "e": "c"}


def test_no_pairs_are_no_labels():
    assert labels_of_pairs([]) == {}


def test_a_pair_of_one_listing_says_nothing():
    assert labels_of_pairs([("a", "a"), ("b", "c")]) == {"b": "b", "c": "b"}


def test_more_listings_than_one_product_has_are_told_and_left_out(told):
    warnings, telling = told
    chain = [(f"c{n}", f"c{n + 1}") for n in range(3)]
    assert labels_of_pairs([*chain, ("x", "y")], largest=3, telling=telling) == {"x": "x", "y": "x"}
    (warning,) = warnings
    assert warning.startswith("pairs connect 4 listings, 'c0' among them, where one product may have 3: ")
    assert len(labels_of_pairs(chain, largest=4)) == 4


def test_pairs_add_listings_to_labels():
    assert merged_labels({"a": "p1", "b": "p1", "z": "p2"}, [("b", "c"), ("c", "d"), ("x", "y")]) == {
        **dict.fromkeys("abcd", "p1"),
        **dict.fromkeys("xy", "x"),
        "z": "p2",
    }


def test_pairs_join_labels_and_that_is_told(told):
    warnings, telling = told
    merged = merged_labels({"a": "p2", "b": "p1", "c": "p2"}, [("a", "b")], telling=telling)
    assert merged == {"a": "p1", "b": "p1", "c": "p1"}
    assert warnings == ["pairs join what has 2 labels, such as 'p1' and 'p2'"]


def test_where_pairs_connect_too_much_only_labels_count(told):
    warnings, telling = told
    labels = {"a": "p1", "b": "p1", "c": "p2"}
    assert merged_labels(labels, [("b", "c"), ("c", "d")], largest=3, telling=telling) == labels
    assert len(warnings) == 1


def test_a_large_product_stays_where_pairs_add_nothing(told):
    warnings, telling = told
    labels = dict.fromkeys("abcdef", "p1")
    assert merged_labels(labels, [("a", "b")], largest=3, telling=telling) == labels
    assert not warnings


def test_an_id_that_is_another_products_label_is_not_taken_for_it():
    merged = merged_labels({"a": "x"}, [("x", "y")])
    assert merged["x"] == merged["y"] != merged["a"] == "x"


@settings(max_examples=60, deadline=None)
@given(PAIRS, LABELS, st.randoms(use_true_random=False))
def test_the_order_of_pairs_and_their_ends_changes_nothing(pairs, labels, random):
    shuffled = [pair if random.random() < 0.5 else pair[::-1] for pair in random.sample(pairs, len(pairs))]
    assert list(merged_labels(labels, pairs).items()) == list(merged_labels(labels, shuffled).items())


@settings(max_examples=60, deadline=None)
@given(PAIRS, LABELS)
def test_labels_are_equal_exactly_where_something_connects(pairs, labels):
    reached = {one: {one} for one in {*labels, *(one for pair in pairs for one in pair if pair[0] != pair[1])}}
    edges = [pair for pair in pairs if pair[0] != pair[1]]
    edges += [(one, other) for one in labels for other in labels if labels[one] == labels[other]]
    for one, other in edges * len(reached):
        whole = reached[one] | reached[other]
        reached.update(dict.fromkeys(whole, whole))
    merged = merged_labels(labels, pairs)
    assert {one: {other for other in merged if merged[other] == merged[one]} for one in merged} == reached


def test_pairs_are_read_past_empty_lines_other_fields_and_a_byte_order_mark(tmp_path):
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"a": "x", "b": "y", "score": 1}\n\n {"b": "x", "a": "\xc3\xa4"}\r\n')
    assert read_pairs(file) == SaidPairs([("x", "y"), ("ä", "x")])


def test_pairs_are_read_by_their_verdicts(tmp_path):
    file = tmp_path / "pairs.jsonl"
    said = [("a", "b", "different"), ("a", "c", "unsure"), ("b", "c", "same")]
    lines = [orjson.dumps({"a": one, "b": other, "verdict": verdict}) for one, other, verdict in said]
    file.write_bytes(b"\n".join(lines))
    assert read_pairs(file) == SaidPairs([("b", "c")], [("a", "b")], [("a", "c")])
    file.write_bytes(lines[0] + b'\n{"a": "x", "b": "y", "verdict": "perhaps"}')
    with pytest.raises(SettingsError, match="line 2: \"verdict\": 'perhaps', same, different, unsure wanted"):
        read_pairs(file)


def test_a_listing_that_is_kept_apart_gets_a_label_that_nobody_has():
    assert kept_apart({"a": "c", "b": "c"}, [("a", "c")], Telling()) == {"a": "c", "b": "c", "c": "listing c"}


@pytest.mark.parametrize(
    ("line", "got"),
    [
        (b"{", "no JSON"),
        (b"\xff", "no JSON"),
        (b"[1, 2]", "a JSON list"),
        (b'{"a": "x"}', 'no "b"'),
        (b'{"a": "x", "b": 7}', '"b": 7'),
        (b'{"a": " ", "b": "y"}', "\"a\": ' '"),
        (b'{"a": "x", "b": "x"}', "'x' with itself"),
    ],
)
def test_a_line_that_is_no_pair_is_named(tmp_path, line, got):
    file = tmp_path / "pairs.jsonl"
    file.write_bytes(orjson.dumps({"a": "x", "b": "y"}) + b"\n" + line + b"\n")
    with pytest.raises(SettingsError) as caught:
        read_pairs(file)
    assert caught.value.subject == f"file '{file}', line 2"
    assert caught.value.got.startswith(got)
    assert "matchstream positives" in caught.value.remedy


def test_a_file_without_a_pair_or_that_is_not_there(tmp_path):
    (tmp_path / "empty.jsonl").write_bytes(b"\n")
    with pytest.raises(SettingsError, match="no pair, at least one wanted; make the file with 'matchstream positives"):
        read_pairs(tmp_path / "empty.jsonl")
    with pytest.raises(SettingsError, match="No such file"):
        read_pairs(tmp_path / "missing.jsonl")
