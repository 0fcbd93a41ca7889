"""Whoever stood still longer than the session writes nothing, whichever look at the clock comes first."""

import threading

import pytest
from fakes.memory_index import MemoryIndex
from hypothesis import given
from hypothesis import strategies as st

from encoders.types import Modality
from streams.errors import LeaseLostError
from streams.index.port import Change
from streams.stages import Channel, Letter
from streams.stages.fence import FencedIndex, FencedOutbox
from streams.stages.lease import Lease, since_boot, watched

SESSION_S = 30.0
HELD_S, LOST_S = 20.0, 20.1
"""Two thirds of the session, and a bit more."""


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s

    def run(self, lease: Lease, seconds: int) -> None:
        for _ in range(seconds):
            self.now_s += 1.0
            lease.beat()


class Sent(list):
    async def deliver(self, letters):
        self.extend(letters)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def lease(clock):
    return Lease(SESSION_S, clock)


async def written(lease):
    """What comes through to the index and to the broker."""
    index, sent = MemoryIndex({Modality.TEXT: 2}), Sent()
    letter = Letter(Channel.MATCHES, b"a", b"list")
    refused = 0
    for attempt in (
        FencedIndex(index, lease).write([Change("a", payload={"x": 1})]),
        FencedOutbox(sent, lease).deliver([letter]),
    ):
        try:
            await attempt
        except LeaseLostError:
            refused += 1
    return await index.count() + len(sent), refused


async def test_a_worker_that_runs_writes_and_sends_for_ever(clock, lease):
    clock.run(lease, 500)
    assert await written(lease) == (2, 0)


@pytest.mark.parametrize("first", ["beat", "write"])
async def test_after_a_long_pause_nothing_is_written_whichever_runs_first(clock, lease, first):
    clock.run(lease, 10)
    clock.now_s += LOST_S
    if first == "beat":
        lease.beat()
    assert await written(lease) == (0, 2)


async def test_a_lease_that_was_lost_does_not_come_back(clock, lease):
    clock.now_s += LOST_S
    clock.run(lease, 500)
    assert await written(lease) == (0, 2)


async def test_a_pause_that_kafka_does_not_notice_is_none(clock, lease):
    for _ in range(5):
        clock.now_s += HELD_S
        lease.beat()
    assert await written(lease) == (2, 0)


async def test_reading_goes_on(clock, lease):
    index = MemoryIndex({Modality.TEXT: 2})
    await index.write([Change("a", payload={"x": 1})])
    clock.now_s += LOST_S
    fenced = FencedIndex(index, lease)
    assert (await fenced.read(["a"]))["a"].payload == {"x": 1}
    assert [point.listing_id async for point in fenced.scan()] == ["a"]


def test_the_error_says_how_long_it_was_and_what_to_do(clock, lease):
    clock.now_s += 95
    with pytest.raises(LeaseLostError, match=r"worker: it stood still for 95 s, two thirds of a session of 30 s"):
        lease.check()


@given(st.lists(st.tuples(st.floats(0, 60), st.booleans()), max_size=20))
def test_it_is_lost_exactly_when_two_looks_were_too_far_apart(steps):
    clock = Clock()
    lease = Lease(SESSION_S, clock)
    too_long = False
    for seconds, is_check in steps:
        before = clock.now_s
        clock.now_s += seconds
        too_long = too_long or clock.now_s - before > SESSION_S * 2 / 3
        if not is_check:
            lease.beat()
        elif too_long:
            with pytest.raises(LeaseLostError):
                lease.check()
        else:
            lease.check()


def test_a_thread_looks_until_the_end():
    looked = threading.Event()

    def clock() -> float:
        if threading.current_thread().name == "lease":
            looked.set()
        return 0.0

    told = []
    with watched(Lease(SESSION_S, clock), told.append, every_s=0.001):
        assert looked.wait(30)
    assert "lease" not in {thread.name for thread in threading.enumerate()}
    assert not told


def test_a_thread_tells_when_it_is_lost_whatever_else_hangs(clock, lease):
    told, lost = [], threading.Event()

    def tell(error):
        told.append(error)
        lost.set()

    with watched(lease, tell, every_s=0.001):
        clock.now_s += LOST_S
        assert lost.wait(30)
    assert ["stood still" in str(error) for error in told] == [True]


async def test_who_is_not_heard_by_its_group_writes_nothing(clock, lease):
    lease.assigned("g")
    for _ in range(20):
        clock.run(lease, 1)
    assert await written(lease) == (2, 0)
    clock.run(lease, 1)
    assert await written(lease) == (0, 2)


async def test_heartbeats_that_were_answered_count_from_when_they_were_sent(clock, lease):
    lease.assigned("g")
    for _ in range(100):
        sent = clock.now_s
        clock.run(lease, 5)
        lease.heard("g", sent)
    clock.run(lease, 15)
    assert await written(lease) == (2, 0)
    clock.run(lease, 1)
    assert await written(lease) == (0, 2)


async def test_a_batch_may_be_finished_while_a_rebalance_waits_but_not_longer(clock, lease):
    lease.assigned("g")
    lease.asked("g")
    for _ in range(40):
        clock.run(lease, 1)
        lease.heard("g", clock.now_s)
        lease.asked("g")
    assert await written(lease) == (2, 0)
    clock.run(lease, 1)
    assert await written(lease) == (0, 2)


async def test_who_has_nothing_in_hand_waits_for_a_rebalance_as_long_as_it_takes(clock, lease):
    lease.assigned("g")
    lease.asked("g")
    lease.let_go("g")
    clock.run(lease, 500)
    lease.assigned("g")
    assert await written(lease) == (2, 0)


async def test_who_is_out_of_its_group_writes_nothing_at_once(lease):
    lease.expelled("g")
    assert await written(lease) == (2, 0), "it had nothing"
    lease.assigned("g")
    lease.expelled("g")
    assert await written(lease) == (0, 2)


def test_who_stood_still_is_told_so_whoever_notices_first(clock, lease):
    lease.assigned("g")
    clock.now_s += 95
    lease.expelled("g")
    with pytest.raises(LeaseLostError, match="it stood still for 95 s"):
        lease.check()


def test_who_is_out_of_its_group_without_a_pause_is_told_which(clock, lease):
    lease.assigned("g")
    clock.run(lease, 5)
    lease.expelled("g")
    with pytest.raises(LeaseLostError, match="group 'g' goes on without it"):
        lease.check()


async def test_who_leaves_sends_no_heartbeats_and_loses_nothing(clock, lease):
    leaving = []
    lease.assigned("g", leaving=lambda: bool(leaving))
    leaving.append(True)
    clock.run(lease, 500)
    assert await written(lease) == (2, 0)


def test_the_clock_does_not_go_back():
    assert since_boot() <= since_boot()
