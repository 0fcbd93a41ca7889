import pytest
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import MemoryRecords
from fakes.raw_records import GZIP, TIMESTAMP_MS, batch, record
from hypothesis import given
from hypothesis import strategies as st

from streams.brokers.header_names import TolerantRecords, read_any_header_name

STRANGE = record(b"b", None, [(b"trace-\xff", b"\xfe"), (b"\xc3\xbc", None), (b"", b"")])
texts = st.none() | st.binary(max_size=300)
headers = st.lists(st.tuples(st.text(max_size=5).map(str.encode), texts), max_size=4)
records = st.lists(st.builds(record, texts, texts, headers), min_size=1, max_size=5)


def read(data, kind=TolerantRecords):
    """All records, each as its fields; as consumers do, without offsets that came before."""
    found, batches = {}, kind(data)
    while batches.has_next():
        for one in batches.next_batch():
            found.setdefault(one.offset, (one.timestamp, one.timestamp_type, one.key, one.value, list(one.headers)))
    return found


def test_the_client_itself_fails_at_such_a_name():
    """As long as it does, all of this is needed."""
    with pytest.raises(UnicodeDecodeError):
        read(batch(STRANGE), MemoryRecords)


@pytest.mark.parametrize("compression", [0, GZIP])
def test_a_name_that_is_not_utf_8_is_told_with_question_marks_and_the_rest_is_as_it_came(compression):
    data = batch(record(b"a", b"1"), STRANGE, record(None, b"3", [(b"n", b"v")]), compression=compression)
    assert read(data) == {
        0: (TIMESTAMP_MS, 0, b"a", b"1", []),
        1: (TIMESTAMP_MS + 1, 0, b"b", None, [("trace-?", b"\xfe"), ("ü", None), ("", b"")]),
        2: (TIMESTAMP_MS + 2, 0, None, b"3", [("n", b"v")]),
    }


def test_a_broker_s_own_timestamp_counts():
    found = read(batch(STRANGE, record(b"a", b"1"), timestamp_type=1))
    assert [one[:2] for one in found.values()] == [(TIMESTAMP_MS + 1, 1)] * 2


@given(records, st.booleans())
def test_by_hand_records_are_what_the_client_reads(some, compressed):
    """The last one has the strange name: whatever lies before it is read a second time."""
    compression = GZIP if compressed else 0
    plain = read(batch(*some, record(b"b", None), compression=compression), MemoryRecords)
    strange = read(batch(*some, STRANGE, compression=compression))
    assert list(strange.values())[:-1] == list(plain.values())[:-1]


def test_batches_are_told_apart_and_one_that_is_cut_off_is_left_for_the_next_answer():
    good, strange = batch(record(b"a", b"1")), batch(STRANGE)
    batches = TolerantRecords(good + strange + strange[:-1])
    keys = []
    while batches.has_next():
        one = batches.next_batch()
        assert one.validate_crc()
        assert (one.base_offset, one.next_offset, one.is_control_batch) == (0, 1, False)
        keys += [each.key for each in one]
    assert keys == [b"a", b"b"]
    assert batches.next_batch() is None
    assert batches.size_in_bytes() == len(good + strange + strange) - 1


def test_a_record_that_is_longer_than_it_says_is_an_error_and_no_endless_loop():
    data = bytearray(batch(STRANGE))
    data[61] -= 2  # the length of the record, as a varint
    with pytest.raises(CorruptRecordException):
        read(bytes(data))


def test_every_consumer_of_the_process_reads_so():
    read_any_header_name()
    read_any_header_name()
    assert fetcher.MemoryRecords is TolerantRecords
