"""An index that does not answer is waited for, in smaller batches: no message is to blame, and none is lost."""

import asyncio
import time

import pytest
from fakes.crashing import POISON, Outbox, Workers, record

from streams.errors import IndexUnavailableError
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals
from streams.stages.patience import Patience

FACTS = {"got": "x", "wanted": "y", "remedy": "z"}


async def test_an_index_that_does_not_answer_is_waited_for_and_no_message_is_to_blame(tmp_path):
    workers = Workers(tmp_path, lambda: IndexUnavailableError("it", **FACTS))
    with Journals(tmp_path) as journals:
        attempts = workers.attempts(journals)
        attempts.patience = Patience(first_s=0.001)
        batch = [record(0, POISON), record(1), record(2), record(3)]
        waiting = asyncio.ensure_future(attempts(batch))
        while len(workers.tries) < 5:  # noqa: ASYNC110 - the stage has no event for us
            await asyncio.sleep(0)
        assert not waiting.done()
        workers.fault = None
        await waiting
    assert workers.outbox.letters == []
    assert workers.done == batch
    assert workers.tries[:3] == [4, 2, 1]
    assert workers.tries[-3:] == [1, 1, 2], "in ever larger pieces again"


@pytest.mark.parametrize("capacity", [1, 3, 7])
async def test_a_batch_that_takes_the_index_too_long_is_done_in_pieces(tmp_path, capacity):
    done = []

    async def stage(messages):
        if len(messages) > capacity:
            raise IndexUnavailableError("it", **FACTS)
        done.extend(messages)

    with Journals(tmp_path) as journals:
        attempts = Attempts("blend", stage, Outbox(), journals, journals.of("blend"), patience=Patience(first_s=0.001))
        batch = [record(n) for n in range(20)]
        await attempts(batch)
    assert done == batch


async def test_who_waits_for_the_index_ends_when_told_to_stop(tmp_path):
    workers = Workers(tmp_path, lambda: IndexUnavailableError("it", **FACTS))
    with Journals(tmp_path) as journals:
        waiting = asyncio.ensure_future(workers.attempts(journals)([record(0, POISON)]))
        while not workers.tries:  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0)
        journals.let_go()
        with pytest.raises(IndexUnavailableError):
            await waiting


async def test_who_waited_too_long_gives_up_and_an_answer_begins_it_anew():
    patience, ending = Patience(limit_s=0.005, first_s=0.001), asyncio.Event()
    error = IndexUnavailableError("it", **FACTS)
    for _ in range(3):  # 1, 2 and 4 ms
        await patience.wait(error, ending)
    with pytest.raises(IndexUnavailableError):
        await patience.wait(error, ending)
    patience.answered()
    await patience.wait(error, ending)


async def test_no_time_counts_twice_when_two_batches_wait():
    patience, error = Patience(first_s=0.01), IndexUnavailableError("it", **FACTS)
    begun = time.perf_counter()
    await asyncio.gather(*(patience.wait(error, asyncio.Event()) for _ in range(2)))
    assert patience._waited_s <= time.perf_counter() - begun
