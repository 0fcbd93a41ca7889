"""Batches are acknowledged in their order, each when it and all before it are done, however many are in hand."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.agents.hands import Hands


class Batches:
    """So many batches, numbered from 0; then none ever, or a failure to read."""

    def __init__(self, count, read_fails=None):
        self.count, self.read_fails = count, read_fails
        self.given, self.acknowledged = 0, []

    async def read(self):
        await asyncio.sleep(0)
        if self.given == self.count:
            if self.read_fails:
                raise self.read_fails
            await asyncio.Event().wait()
        self.given += 1
        return [self.given - 1]

    def acknowledge(self, events):
        self.acknowledged += events


class Stage:
    """Works on each batch until it is told to go on."""

    def __init__(self):
        self.begun, self.cut_off = [], []
        self._turns = {}

    async def __call__(self, events):
        [number] = events
        self.begun.append(number)
        try:
            await self._turn(number)
        except asyncio.CancelledError:
            self.cut_off.append(number)
            raise

    def done(self, number):
        self._turn(number).set_result(None)

    def fails(self, number, error):
        self._turn(number).set_exception(error)

    def _turn(self, number):
        return self._turns.setdefault(number, asyncio.get_running_loop().create_future())


async def rest():
    for _ in range(20):
        await asyncio.sleep(0)


async def working(batches, ahead=2):
    stage = Stage()
    work = asyncio.ensure_future(Hands(batches, stage, ahead).work())
    await rest()
    return stage, work


async def stopped(work):
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


@pytest.mark.parametrize(("ahead", "begun"), [(1, [0]), (2, [0, 1]), (3, [0, 1, 2])])
async def test_so_many_are_in_hand_and_no_more(ahead, begun):
    batches = Batches(9)
    stage, work = await working(batches, ahead)
    assert (stage.begun, batches.given) == (begun, ahead)
    stage.done(0)
    await rest()
    assert batches.given == ahead + 1
    await stopped(work)


async def test_who_is_done_first_is_acknowledged_after_the_one_before_it():
    batches = Batches(9)
    stage, work = await working(batches)
    stage.done(1)
    await rest()
    assert (batches.acknowledged, batches.given) == ([], 2)
    stage.done(0)
    await rest()
    assert (batches.acknowledged, stage.begun) == ([0, 1], [0, 1, 2, 3])
    await stopped(work)


async def test_the_last_batch_is_acknowledged_though_no_other_comes():
    batches = Batches(1)
    stage, work = await working(batches)
    stage.done(0)
    await rest()
    assert batches.acknowledged == [0]
    await stopped(work)


async def test_a_failure_waits_for_the_batch_before_it_and_nothing_is_begun_after_it():
    batches = Batches(9)
    stage, work = await working(batches, 3)
    stage.fails(1, ZeroDivisionError())
    await rest()
    assert not work.done()
    stage.done(0)
    with pytest.raises(ZeroDivisionError):
        await work
    assert (batches.acknowledged, stage.begun, stage.cut_off) == ([0], [0, 1, 2], [2])


async def test_a_failure_cuts_off_the_batch_after_it_also_one_that_is_done():
    batches = Batches(9)
    stage, work = await working(batches)
    stage.done(1)
    stage.fails(0, ZeroDivisionError())
    with pytest.raises(ZeroDivisionError):
        await work
    assert batches.acknowledged == []


async def test_what_is_in_hand_is_finished_when_nothing_more_can_be_read():
    batches = Batches(1, read_fails=EOFError())
    stage, work = await working(batches)
    assert not work.done()
    stage.done(0)
    with pytest.raises(EOFError):
        await work
    assert batches.acknowledged == [0]


async def test_who_is_stopped_leaves_nothing_running():
    batches = Batches(9)
    stage, work = await working(batches)
    await stopped(work)
    assert (stage.cut_off, batches.acknowledged) == ([0, 1], [])
    assert asyncio.all_tasks() == {asyncio.current_task()}


@settings(max_examples=50)
@given(
    turns=st.lists(st.integers(0, 4), min_size=1, max_size=12),
    failing=st.none() | st.integers(0, 11),
    ahead=st.integers(1, 3),
)
async def test_whatever_takes_how_long_the_first_failure_is_where_it_ends(turns, failing, ahead):
    class Lasting(Stage):
        at_once = most = 0

        async def __call__(self, events):
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            for _ in range(turns[events[0]]):
                await asyncio.sleep(0)
            self.at_once -= 1
            if events == [failing]:
                raise ZeroDivisionError

    batches, stage = Batches(len(turns), read_fails=EOFError()), Lasting()
    reached = failing is not None and failing < len(turns)
    with pytest.raises(ZeroDivisionError if reached else EOFError):
        await Hands(batches, stage, ahead).work()
    assert batches.acknowledged == list(range(failing if reached else len(turns)))
    assert stage.most <= ahead
