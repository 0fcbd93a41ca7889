"""Reading records whose headers have names that are not UTF-8.

Kafka's protocol wants header names in UTF-8 and brokers do not look. aiokafka, and so Faust, fails on
such a record and asks for it again, for ever: one message of one sender stops a partition. Here its
batch is read once more, by hand, and each byte of a name that is not UTF-8 becomes a question mark: one
byte, so that a dead letter is never larger than what it carries. Keys, values and the values of headers
are as they came.

There is no public way to give aiokafka another parser, so `read_any_header_name` exchanges the one that
its consumers use, in this process. A batch whose names are good goes through aiokafka's own code.

Source: the record batch of Kafka's protocol guide, https://kafka.apache.org/protocol
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from aiokafka import codec
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record import MemoryRecords
from aiokafka.record.util import decode_varint

__all__ = ["TolerantRecords", "read_any_header_name"]

_WITH_HEADERS: Final = 2
"""The first version of the format that has headers, and the only one that brokers still write."""
_LENGTH_FROM: Final = 8
_LENGTH_UNTIL: Final = 12
_RECORDS_FROM: Final = 61
_DECOMPRESS: Final[dict[int, Callable[[bytes], bytes]]] = {
    0: bytes,
    1: codec.gzip_decode,
    2: codec.snappy_decode,
    3: codec.lz4_decode,
    4: codec.zstd_decode,
}
_BROKERS_TIME: Final = 1


def read_any_header_name() -> None:
    """Have every consumer of this process read records with any header name, from now on."""
    fetcher.MemoryRecords = TolerantRecords


@dataclass(frozen=True, slots=True)
class _Record:
    """What aiokafka's consumers look at in a record."""

    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    checksum: None = None


class TolerantRecords:
    """The batches of one answer of a broker: aiokafka's own, each able to be read a second time."""

    def __init__(self, data: bytes) -> None:
        """Begin at the first batch; the last one may be cut off."""
        self._data, self._at = data, 0
        self._batches = MemoryRecords(data)

    def size_in_bytes(self) -> int:
        """How long the answer is."""
        return len(self._data)

    def has_next(self) -> bool:
        """Whether there is another whole batch."""
        return bool(self._batches.has_next())

    def next_batch(self) -> Any:
        """The next batch, None after the last."""
        batch = self._batches.next_batch()
        if batch is None:
            return None
        start = self._at
        self._at += _LENGTH_UNTIL + int.from_bytes(self._data[start + _LENGTH_FROM : start + _LENGTH_UNTIL], "big")
        if batch.magic < _WITH_HEADERS or batch.is_control_batch:
            return batch
        return _Batch(batch, memoryview(self._data)[start : self._at])


class _Batch:
    """One batch, read by aiokafka and, where that fails at a name, by hand."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch, self._data = batch, data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        try:
            yield from self._batch
        except UnicodeDecodeError:
            # From its beginning: consumers leave out the offsets they have.
            yield from self._by_hand()

    def _by_hand(self) -> Iterator[_Record]:
        data = _DECOMPRESS[self._batch.compression_type](bytes(self._data[_RECORDS_FROM:]))
        fields = _Fields(data)
        while fields.at < len(data):
            length = fields.number()
            end = fields.at + length
            yield self._record(fields)
            if fields.at != end:
                raise CorruptRecordException(f"a record ends {fields.at - end} bytes behind its end")

    def _record(self, fields: _Fields) -> _Record:
        batch = self._batch
        fields.skip_byte()  # the attributes of a record, of which there are none yet
        since_first, since_base = fields.number(), fields.number()
        by_broker = batch.timestamp_type == _BROKERS_TIME
        return _Record(
            offset=batch.base_offset + since_base,
            timestamp=batch.max_timestamp if by_broker else batch.first_timestamp + since_first,
            timestamp_type=batch.timestamp_type,
            key=fields.text(),
            value=fields.text(),
            headers=[(_name(fields.text()), fields.text()) for _ in range(fields.number())],
        )


class _Fields:
    """The fields of records, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = bytearray(data), 0

    def skip_byte(self) -> None:
        self.at += 1

    def number(self) -> int:
        number, self.at = decode_varint(self._data, self.at)
        return int(number)

    def text(self) -> bytes | None:
        """What has its length before it; one below zero stands for nothing."""
        length = self.number()
        if length < 0:
            return None
        start, self.at = self.at, self.at + length
        return bytes(self._data[start : self.at])


def _name(name: bytes | None) -> str:
    return (name or b"").decode("utf-8", "surrogateescape").encode("utf-8", "replace").decode()
