"""What was fetched goes into the stage's queue at once, where nothing else is to be done with it."""

import asyncio
from collections import defaultdict
from types import SimpleNamespace

import pytest
from fakes.faust_stream import Flow
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.utils.queues import FlowControlEvent, ThrowableQueue

from streams.agents.consumers import QuickConsumer

PLACE = TP("listings", 0)


@pytest.fixture
def consumer(monkeypatch):
    """Of one partition, read up to offset 4; what Faust would hand over is in `fetched`."""
    made = object.__new__(QuickConsumer)
    flow = FlowControlEvent(initially_suspended=False)
    made.queue = ThrowableQueue(maxsize=10, flow_control=flow)
    made.app = SimpleNamespace(
        topics=SimpleNamespace(_tp_index={PLACE: {_Channel(made.queue)}}),
        flow_control=Flow(),
        in_recovery=False,
    )
    made._pressure, made._room = {}, asyncio.Event()
    made._read_offset = defaultdict(lambda: None, {PLACE: 4})
    made._commit_every, made._n_acked = 1000, 0
    made._active_partitions, made._buffered_partitions = {PLACE}, set()
    made.fetched = []

    async def fetched(_self, _timeout):
        for offset in made.fetched:
            yield PLACE, SimpleNamespace(offset=offset, refcount=0, key=b"k", value=None)

    monkeypatch.setattr(driver.Consumer, "getmany", fetched)
    return made


class _Channel:
    def __init__(self, queue):
        self.queue = queue


async def left_over(consumer, *offsets):
    consumer.fetched = offsets
    return [message.offset async for _, message in consumer.getmany(1.0)]


def queued(consumer):
    return [consumer.queue.get_nowait().message for _ in range(consumer.queue.qsize())]


async def test_what_follows_is_put_into_the_queue(consumer):
    assert await left_over(consumer, 5, 6, 7) == []
    assert [(one.offset, one.refcount) for one in queued(consumer)] == [(5, 1), (6, 1), (7, 1)]
    assert consumer._read_offset[PLACE] == 7


@pytest.mark.parametrize("offsets", [(3,), (7,)])
async def test_repeats_and_gaps_are_left_to_faust(consumer, offsets):
    assert await left_over(consumer, *offsets) == list(offsets)
    assert queued(consumer) == []


async def test_commits_that_are_due_and_flows_that_are_stopped_are_left_to_faust(consumer):
    consumer._n_acked = 1000
    assert await left_over(consumer, 5) == [5]
    consumer._n_acked, consumer.app.flow_control.active = 0, False
    assert await left_over(consumer, 5) == [5]
    consumer.app.flow_control.active, consumer.app.topics._tp_index = True, {}
    assert await left_over(consumer, 5) == [5]


async def test_a_full_queue_takes_what_was_fetched_and_keeps_more_from_being_fetched(consumer):
    assert await left_over(consumer, *range(5, 25)) == []
    assert consumer._active_partitions == set()
    for _ in range(17):
        consumer.queue.get_nowait()
    assert (consumer._active_partitions, consumer._room.is_set()) == ({PLACE}, True)
