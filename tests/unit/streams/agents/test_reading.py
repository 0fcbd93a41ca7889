"""A batch is what is there, filled for a while; what was fetched before a rebalance is never in one."""

import asyncio

import pytest
from fakes.faust_stream import FakeStream

from streams.agents.reading import StreamBatches

LONG_S = 3600


@pytest.fixture
def stream():
    return FakeStream()


def offsets(events):
    return [event.message.offset for event in events]


async def reading(batches):
    task = asyncio.ensure_future(batches.read())
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def test_a_full_batch_waits_for_nothing(stream):
    stream.come(*range(5))
    batches = StreamBatches(stream, 2, LONG_S)
    assert [offsets(await batches.read()) for _ in range(2)] == [[0, 1], [2, 3]]


async def test_a_batch_that_is_not_full_waits_for_what_comes_with_it(stream):
    batches = StreamBatches(stream, 3, LONG_S)
    task = await reading(batches)
    stream.come(0)
    await asyncio.sleep(0)
    stream.come(1, 2, 3)
    assert offsets(await task) == [0, 1, 2]


async def test_after_a_while_it_is_taken_as_it_is(stream):
    stream.come(0)
    assert offsets(await StreamBatches(stream, 3, 0.01).read()) == [0]


async def test_what_is_read_is_known_as_not_acknowledged_and_acknowledged_in_order(stream):
    stream.come(*range(4))
    batches = StreamBatches(stream, 3, LONG_S)
    events = await batches.read()
    assert stream.consumer.unacked == {event.message for event in events}
    assert all(event.message.tracked for event in events)
    batches.acknowledge(events)
    assert stream.consumer.acknowledged == [0, 1, 2]


async def test_what_was_fetched_before_a_rebalance_is_dropped(stream):
    stream.come(0, generation_id=0)
    stream.come(1)
    stream.come(2, generation_id=0)
    stream.come(3)
    assert offsets(await StreamBatches(stream, 2, LONG_S).read()) == [1, 3]
    assert len(stream.consumer.unacked) == 2


async def test_nothing_is_begun_while_a_rebalance_takes_partitions_away(stream):
    task = await reading(StreamBatches(stream, 1, LONG_S))
    stream.app.flow_control.active = False
    stream.come(0)
    await asyncio.sleep(0.01)
    assert (task.done(), stream.consumer.unacked) == (False, set())
    stream.app.flow_control.active = True
    stream.come(1)
    assert offsets(await task) == [1]


async def test_who_stops_waiting_loses_nothing(stream):
    task = await reading(StreamBatches(stream, 1, LONG_S))
    stream.come(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert stream.channel.queue.qsize() == 1
