import asyncio

import pytest
from fakes.clock import Clock

from streams.health.pulse import Pulse


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pulse(clock):
    return Pulse(clock)


async def test_a_batch_is_noted_while_it_is_in_hand_and_when_it_is_done(clock, pulse):
    go_on = asyncio.Event()

    async def process(messages):
        assert messages == ["a message"]
        await go_on.wait()
        clock.pass_s(7)

    batch = asyncio.create_task(pulse.over(process)(["a message"]))
    await asyncio.sleep(0)
    assert (pulse.begun_at, pulse.done_at) == (1_000, None)
    go_on.set()
    await batch
    assert (pulse.begun_at, pulse.done_at) == (None, 1_007)


async def test_a_batch_that_fails_is_in_hand_no_more_and_not_done(pulse):
    async def process(_messages):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await pulse.over(process)([])
    assert (pulse.begun_at, pulse.done_at) == (None, None)


async def test_of_several_batches_in_hand_the_first_one_counts(clock, pulse):
    gates = [asyncio.Event(), asyncio.Event()]

    async def process(messages):
        await gates[messages[0]].wait()

    batches = []
    for number in range(2):
        batches.append(asyncio.create_task(pulse.over(process)([number])))
        await asyncio.sleep(0)
        clock.pass_s(10)
    assert pulse.begun_at == 1_000
    gates[0].set()
    await batches[0]
    assert (pulse.begun_at, pulse.done_at) == (1_010, 1_020)
    gates[1].set()
    await batches[1]
    assert pulse.begun_at is None


def test_no_partitions_at_all_are_another_thing_than_none_told_yet(pulse):
    assert (pulse.partitions, pulse.assignments) == (None, 0)
    pulse.assigned([])
    assert (pulse.partitions, pulse.assignments) == (frozenset(), 1)
    pulse.revoked()
    assert (pulse.partitions, pulse.assignments) == (None, 1)
