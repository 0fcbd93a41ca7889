"""Record batches built byte by byte, as senders may that use no client of good manners."""

import gzip
import struct

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import for_code
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.util import calc_crc32c

TIMESTAMP_MS = 1_750_000_000_000
GZIP = 1


def record(key, value, headers=()):
    """What `batch` takes: names and values in bytes, None for no value."""
    return key, value, headers


def batch(*records, compression=0, timestamp_type=0):
    """One batch at offset 0, a record a millisecond."""
    body = b"".join(_record(number, *one) for number, one in enumerate(records))
    last = len(records) - 1
    times = struct.pack(">qq", TIMESTAMP_MS, TIMESTAMP_MS + last)
    fields = struct.pack(">hi", compression | timestamp_type << 3, last) + times
    nobody = struct.pack(">qhi", -1, -1, -1)
    rest = fields + nobody + struct.pack(">i", len(records)) + (gzip.compress(body) if compression == GZIP else body)
    return struct.pack(">qiibI", 0, len(rest) + 9, -1, 2, calc_crc32c(rest)) + rest


async def produce(settings, topic, partition, data):
    """Send a batch as it is, and wait until the broker has it; one of a fresh topic asks for patience."""
    client = AIOKafkaClient(bootstrap_servers=settings.brokers)
    await client.bootstrap()
    try:
        await client.add_topic(topic)
        while error := await _answer(client, topic, partition, data):
            assert error.retriable, error
            await client.force_metadata_update()
    finally:
        await client.close()


async def _answer(client, topic, partition, data):
    """The error a broker answers with, None when it has the batch."""
    leader = client.cluster.leader_for_partition(TopicPartition(topic, partition))
    request = ProduceRequest(None, -1, 10_000, [(topic, [(partition, data)])])
    answer = await client.send(leader, request)
    [(_, [(_, code, *_)])] = answer.topics
    return for_code(code) if code else None


def _record(number, key, value, headers):
    fields = [b"\0", _number(number), _number(number), _text(key), _text(value), _number(len(headers))]
    fields += [_text(part) for header in headers for part in header]
    body = b"".join(fields)
    return _number(len(body)) + body


def _text(text):
    return _number(-1) if text is None else _number(len(text)) + text


def _number(value):
    """A zigzag varint."""
    value = value << 1 if value >= 0 else (-value << 1) - 1
    written = bytearray()
    while value > 127:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])
