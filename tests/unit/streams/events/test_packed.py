"""Rows behind the JSON of a message: bit for bit there and back; what is not so is refused, whatever it tells."""

import tracemalloc

import numpy as np
import orjson
import pytest
from fakes.rows import bits, dense, random_dense, sparse
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from encoders.types import Modality, SparseRow
from streams.errors import UnreadableEventError
from streams.events import EmbeddingEvent, Position
from streams.events.packed import FORMAT, packed, unpacked

FLOATS = arrays.arrays(np.float32, st.integers(0, 9), elements=st.floats(width=32))
HALVES = arrays.arrays(np.float16, st.integers(0, 9), elements=st.floats(width=16))
INDICES = st.sets(st.integers(0, 2**32 - 1), max_size=9).map(lambda found: np.array(sorted(found), np.uint32))
ROW = Modality.TEXT
WORDS = Modality.LEXICAL
EMPTY = SparseRow(np.empty(0, np.uint32), np.empty(0, np.float32))
FIELDS = {"version": None, "position": [1, 2], "listing": None, "seals": {}, "failures": {}}


def message(rows, data=b"", *, length=None):
    head = orjson.dumps({**FIELDS, "rows": rows})
    return FORMAT + (len(head) if length is None else length).to_bytes(4, "little") + head + data


def there_and_back(embedding):
    return unpacked(packed(FIELDS, embedding))[1]


@given(FLOATS | HALVES.map(lambda row: row.astype(np.float32)), INDICES, st.data())
def test_any_rows_come_back_bit_for_bit(row, indices, data):
    values = data.draw(arrays.arrays(np.float32, len(indices), elements=st.floats(width=32)))
    embedding = {ROW: row, WORDS: SparseRow(indices, values)}
    assert bits(there_and_back(embedding)) == bits(embedding)


@pytest.mark.parametrize(
    "row",
    [
        EMPTY,
        sparse({0: 1.0, 2**32 - 1: -0.0}),
        sparse({65_535: 1.0, 131_070: 2.0}),
        sparse({65_536: 1.0}),
        SparseRow(np.array([9, 3, 3], np.uint32), dense(1, 2, 3)),
        dense(-0.0, 0.0, 65_504, 6e-8),
        dense(65_520, 1e-45),
        dense(np.nan, np.inf, -np.inf),
        dense(),
    ],
)
def test_rows_at_the_edges_come_back_bit_for_bit(row):
    embedding = {WORDS if isinstance(row, SparseRow) else ROW: row}
    assert bits(there_and_back(embedding)) == bits(embedding)


def test_what_else_is_told_comes_back_and_the_order_of_rows_too():
    embedding = {WORDS: sparse({3: 1.0}), ROW: random_dense(np.random.default_rng(1), 4), Modality.IMAGE: dense(1)}
    value, rows = unpacked(packed({"title": "ü"}, embedding))
    assert value["title"] == "ü"
    assert list(rows) == list(embedding)
    assert all(one.flags.writeable for one in (rows[ROW], rows[WORDS].indices, rows[WORDS].values))


def test_each_number_takes_two_bytes_where_that_loses_nothing():
    row, words = random_dense(np.random.default_rng(2), 384), sparse({7: 0.5, 65_000: 0.25})
    rounded = row.astype(np.float16).astype(np.float32)
    assert packed(FIELDS, {ROW: rounded, WORDS: words}).endswith(b"\x07\x00\xe1\xfd\x00\x38\x00\x34")
    assert len(packed(FIELDS, {ROW: row})) - len(packed(FIELDS, {ROW: rounded})) == 2 * 384


@pytest.mark.parametrize(
    ("rows", "data", "got"),
    [
        ({"text": ["f2", 2]}, b"\0\0", "a row of 2 numbers, and 2 bytes left"),
        ({"text": ["f2", 1]}, b"\0\0\0", "1 bytes behind the last row"),
        ({"text": ["f2", -1]}, b"\0\0", "a row of -1 numbers"),
        ({"text": ["f4", 2**63]}, b"\0\0\0\0", "a row of 9223372036854775808 numbers"),
        ({"text": ["f4", 1.0]}, b"\0\0\0\0", "a row of 1.0 numbers"),
        ({"text": ["f8", 1]}, bytes(8), "numbers of kind 'f8'"),
        ({"text": ["f4"]}, b"", "not enough values"),
        ({"text": "f4"}, b"", "numbers of kind 'f'"),
        ({"text": [["f4"], 1]}, b"", "unhashable"),
        ({"smell": ["f4", 1]}, b"\0\0\0\0", "'smell' is not a valid Modality"),
        ({"lexical": ["f2", 1, "u1"]}, b"\0\0\0", "indices of kind 'u1'"),
        ({"lexical": ["f2", 1, "u4", 1]}, b"\0\0\0", "too many values"),
        ({"lexical": ["f2", 2, "gaps"]}, b"\0\0\0\0", "a row of 2 numbers, and 0 bytes left"),
        ({"lexical": ["f2", 2, "gaps"]}, b"\1\0\0\0\0\0\0\0", "indices do not grow"),
        ({"lexical": ["f2", 70_000, "gaps"]}, b"\xff" * 140_000 + bytes(140_000), "an index of 4587450000"),
        ([], b"", "no attribute 'items'"),
        (None, b"", "no attribute 'items'"),
        ({"text": ["f2", 1]}, b"\0\x7e", "a row with what is no number"),
    ],
)
def test_rows_that_are_told_otherwise_than_they_are_make_no_event(rows, data, got):
    with pytest.raises(UnreadableEventError, match=r"^embeddings of b'a': a value that is not ours") as caught:
        EmbeddingEvent.from_bytes(b"a", message(rows, data))
    assert got in str(caught.value)


@pytest.mark.parametrize(
    "value", [FORMAT, FORMAT + b"\xff\xff\xff\xff{}", message({}, length=2**31), b"\x02" + bytes(9)]
)
def test_a_head_that_is_not_there_makes_no_event(value):
    with pytest.raises(UnreadableEventError, match="a value that is not ours"):
        EmbeddingEvent.from_bytes(b"a", value)


def test_a_length_that_lies_takes_no_memory():
    lies = [
        message({"text": ["f4", 2**33]}),
        message({"lexical": ["f2", 2**33, "gaps"]}),
        message({}, length=2**32 - 1),
    ]
    tracemalloc.start()
    try:
        for one in lies:
            with pytest.raises(UnreadableEventError):
                EmbeddingEvent.from_bytes(b"a", one)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


GOOD = EmbeddingEvent(
    "a", None, Position(1, 2), None, {ROW: dense(0.6, 0.8), WORDS: sparse({3: 0.6, 9: 0.8})}
).to_bytes()


@given(st.binary(max_size=80), st.integers(0, len(GOOD)), st.integers(0, len(GOOD)))
@example(b"", 0, 0)
def test_no_bytes_in_place_of_others_do_worse_than_being_refused(put, start, end):
    value = GOOD[:start] + put + GOOD[end:]
    try:
        event = EmbeddingEvent.from_bytes(b"a", value)
    except UnreadableEventError:
        return
    assert bits(EmbeddingEvent.from_bytes(b"a", event.to_bytes()).embedding) == bits(event.embedding)
