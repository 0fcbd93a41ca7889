"""Two batches at once: they are blamed together, and a batch with suspects is alone."""

import asyncio

from fakes.crashing import Outbox, record

from streams.stages.attempts import Attempts
from streams.stages.company import Company
from streams.stages.journal import Deaths
from streams.stages.journals import Journals

FIRST, SECOND, THIRD = ([record(n), record(n + 1)] for n in (0, 2, 4))


class Stage:
    """Batches stay at work until they are let go; by the offset of their first message."""

    def __init__(self):
        self.begun = []
        self._gates = {}

    async def __call__(self, messages):
        self.begun.append(messages[0].offset)
        await self._gate(messages).wait()

    def let_go(self, messages):
        self._gate(messages).set()

    def _gate(self, messages):
        return self._gates.setdefault(messages[0].offset, asyncio.Event())


async def rest():
    for _ in range(20):
        await asyncio.sleep(0)


def attempts(stage, journals):
    return Attempts("embed", stage, Outbox(), journals, journals.of("g1.embed"))


async def begun(worker, *batches):
    works = [asyncio.ensure_future(worker(batch)) for batch in batches]
    await rest()
    return works


async def died_with(folder, *batches):
    """A process dies while all of these are in hand."""
    with Journals(folder) as journals:
        works = await begun(attempts(Stage(), journals), *batches)
        left = {file: file.read_bytes() for file in folder.glob("*.json")}
        for one in works:
            one.cancel()
        await asyncio.gather(*works, return_exceptions=True)
    for file, content in left.items():
        file.write_bytes(content)


def deaths(folder, message):
    with Journals(folder) as journals:
        return journals.of("g1.embed").deaths(message)


async def test_a_process_that_dies_with_two_batches_in_hand_blames_both(tmp_path):
    await died_with(tmp_path, FIRST, SECOND)
    assert [deaths(tmp_path, one) for one in (*FIRST, *SECOND)] == [Deaths(company=4)] * 4


async def test_what_is_done_with_is_not_blamed_any_more(tmp_path):
    stage = Stage()
    with Journals(tmp_path) as journals:
        first, second = await begun(attempts(stage, journals), FIRST, SECOND)
        stage.let_go(SECOND)
        await second
        left = {file: file.read_bytes() for file in tmp_path.glob("*.json")}
        stage.let_go(FIRST)
        await first
        assert not list(tmp_path.glob("*.json"))
    for file, content in left.items():
        file.write_bytes(content)
    assert (deaths(tmp_path, FIRST[0]), deaths(tmp_path, SECOND[0])) == (Deaths(company=2), Deaths())


async def test_suspects_are_worked_off_alone_and_those_after_them_wait(tmp_path):
    await died_with(tmp_path, SECOND)
    stage = Stage()
    with Journals(tmp_path) as journals:
        works = await begun(attempts(stage, journals), FIRST, SECOND, THIRD)
        assert stage.begun == [0], "suspects wait for who is at work, others for them"
        for batch, now in ((FIRST, [0, 2]), (SECOND[:1], [0, 2, 3]), (SECOND[1:], [0, 2, 3, 4])):
            stage.let_go(batch)
            await rest()
            assert stage.begun == now
        stage.let_go(THIRD)
        await asyncio.gather(*works)


async def test_a_batch_that_is_cut_off_leaves_its_place():
    company, order = Company(), []

    async def batch(name, *, alone=False):
        async with company.keeping(alone=alone):
            order.append(name)
            await asyncio.Event().wait()

    works = [asyncio.ensure_future(batch(1)), asyncio.ensure_future(batch(2, alone=True))]
    await rest()
    works[1].cancel()
    works.append(asyncio.ensure_future(batch(3)))
    await rest()
    assert order == [1, 3]
    works += [asyncio.ensure_future(batch(4, alone=True))]
    for one in (works[0], works[2]):
        one.cancel()
    await rest()
    assert order == [1, 3, 4]
    works[3].cancel()
    await asyncio.gather(*works, return_exceptions=True)
