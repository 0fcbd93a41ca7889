"""The sweep: everybody is marked once in a round, whoever sweeps, and whatever is stale ends by it."""

import asyncio
import logging

import pytest
from fakes.bookmark import Bookmark, one_round
from fakes.memory_index import MemoryIndex
from hypothesis import given
from hypothesis import strategies as st

from encoders.types import Modality
from streams.errors import IndexUnavailableError
from streams.index.layout import point_id
from streams.index.port import Change, View
from streams.matching import Policy, Rules
from streams.stages import Channel, Dependencies, state
from streams.stages.sweep import CAUSE, DERIVING, Sweep, pace, share_done

HOUR_S = 3600.0


class Shelf:
    """Listings in an index, the marks that were sent, and the pauses that were made."""

    def __init__(self, listings: int) -> None:
        self.index = MemoryIndex({Modality.TEXT: 2})
        self.bookmark = Bookmark()
        self.sent = []
        self.pauses = []
        self.ids = [f"l{n}" for n in range(listings)]

    async def filled(self):
        await self.index.write([Change(one, payload={"x": 1}) for one in self.ids])
        return self

    async def deliver(self, letters):
        self.sent += letters

    async def sleep(self, seconds):
        self.pauses.append(seconds)

    def sweep(self, period_s=HOUR_S):
        dependencies = Dependencies(self.index, self, Rules(Policy()))
        return Sweep(dependencies, self.bookmark, period_s, self.sleep)

    def marked(self, channel):
        return [letter.key.decode() for letter in self.sent if letter.channel is channel]


@pytest.mark.parametrize("listings", [1, 7, 300])
async def test_a_round_marks_everybody_once_for_all_who_derive_something_and_takes_the_period(listings):
    shelf = await Shelf(listings).filled()
    await one_round(shelf.sweep())
    for channel in DERIVING:
        assert shelf.marked(channel) == sorted(shelf.ids, key=point_id)
    assert {CAUSE} == {letter.value.decode().split('"')[3] for letter in shelf.sent}
    assert HOUR_S <= sum(shelf.pauses) < HOUR_S + max(shelf.pauses)


async def test_another_worker_goes_on_where_the_first_one_ended():
    shelf = await Shelf(200).filled()
    for _ in range(5):
        await shelf.sweep().page()
    await one_round(shelf.sweep())
    assert sorted(shelf.marked(Channel.REBLEND)) == sorted(shelf.ids)


async def test_a_page_is_remembered_only_once_the_broker_has_its_marks():
    shelf = await Shelf(200).filled()

    async def fail(_letters):
        raise ConnectionError

    shelf.deliver, deliver = fail, shelf.deliver
    with pytest.raises(ConnectionError):
        await shelf.sweep().page()
    shelf.deliver = deliver
    await one_round(shelf.sweep())
    assert sorted(shelf.marked(Channel.REBLEND)) == sorted(shelf.ids)


async def test_a_page_that_was_cut_off_before_its_records_were_settled_comes_again():
    shelf = await Shelf(200).filled()
    first = min(shelf.ids, key=point_id)
    await shelf.index.write([Change(first, record={state.PENDING[View.RAW]: []})])

    async def die(_seconds):
        raise ConnectionError

    shelf.sleep, sleep = die, shelf.sleep
    with pytest.raises(ConnectionError):
        await shelf.sweep().page()
    shelf.sleep = sleep
    await one_round(shelf.sweep())
    assert (await shelf.index.read([first]))[first].payload == {"x": 1}


async def test_an_empty_index_is_looked_at_once_a_minute():
    shelf = Shelf(0)
    await one_round(shelf.sweep())
    assert (shelf.sent, shelf.pauses) == ([], [60.0])


async def test_only_whose_turn_it_is_sweeps():
    shelf, turn = await Shelf(200).filled(), asyncio.Event()

    async def sleep(_seconds):
        turn.clear()
        ended.set()

    ended, sweep = asyncio.Event(), shelf.sweep()
    shelf.sleep = sleep
    sweeping = asyncio.create_task(shelf.sweep().run(turn))
    await asyncio.sleep(0)
    assert not shelf.sent
    for pages in (1, 2):
        ended.clear()
        turn.set()
        await asyncio.wait_for(ended.wait(), 10)
        assert len(shelf.marked(Channel.REMATCH)) == pages * pace(200, sweep.period_s)[0]
    sweeping.cancel()


@given(st.integers(1, 10**8), st.floats(60, 10**8))
def test_the_pace_is_the_period(listings, period_s):
    size, pause_s = pace(listings, period_s)
    assert 1 <= size <= 256
    assert pause_s * listings / min(size, listings) == pytest.approx(period_s)


async def test_progress_is_told_each_hundredth_and_not_more_often(caplog):
    caplog.set_level(logging.INFO)
    shelf = await Shelf(300).filled()
    await one_round(shelf.sweep())
    told = [record.message for record in caplog.records]
    assert 45 <= len(told) <= 60, "of 60 pages"
    assert told[-1] == "sweep: every listing was marked in this round; the next one begins"
    caplog.clear()
    await one_round(shelf.sweep(period_s=200 * HOUR_S))
    assert 85 <= len(caplog.records) <= 100, "of 300 pages"


def test_how_far_a_round_is():
    assert share_done(None) == 0.0
    assert share_done("80000000-0000-5000-8000-000000000000") == 0.5


async def test_a_record_of_work_that_goes_on_is_left_alone():
    shelf = await Shelf(1).filled()
    name = state.PENDING[View.RAW]
    await shelf.index.write([Change("l0", record={name: []})])

    async def meanwhile(_seconds):
        described = state.described((await shelf.index.read(["l0"]))["l0"], View.RAW)
        await shelf.index.write([Change("l0", record=state.pending_record([described], View.RAW))])

    shelf.sleep, sleep = meanwhile, shelf.sleep
    await shelf.sweep().page()
    assert name in (await shelf.index.read(["l0"]))["l0"].payload
    shelf.sleep = sleep
    await shelf.sweep().page()
    assert name not in (await shelf.index.read(["l0"]))["l0"].payload


async def test_a_sweep_waits_for_an_index_that_does_not_answer():
    shelf = await Shelf(1).filled()
    turn = asyncio.Event()
    turn.set()

    async def unavailable(_step, _changes):
        if not shelf.pauses:
            raise IndexUnavailableError("the index", got="no answer", wanted="one", remedy="start it")

    shelf.index.before = unavailable
    sweeping = asyncio.ensure_future(shelf.sweep().run(turn))
    while not shelf.sent:  # noqa: ASYNC110 - the sweep has no event for us
        await asyncio.sleep(0)
    sweeping.cancel()
    assert shelf.pauses[0] == 10
    assert shelf.marked(Channel.REBLEND)[:1] == shelf.ids
