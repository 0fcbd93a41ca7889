"""With two batches in hand, too: whatever fails or dies, the rest is done, and what is to blame is laid aside once."""

import asyncio
import math
from pathlib import Path
from tempfile import TemporaryDirectory

from fakes.crashing import DEADLY, GOOD, POISON, DeathError, Workers, record
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.agents.hands import Hands
from streams.stages.journals import Journals

SIZE = 4


class Given:
    """The batches from the first that is not acknowledged; then none ever."""

    def __init__(self, batches, acknowledged):
        self.batches, self.acknowledged = batches, acknowledged
        self.begun, self.all_done = acknowledged, asyncio.Event()

    async def read(self):
        if self.begun == len(self.batches):
            await asyncio.Event().wait()
        self.begun += 1
        return self.batches[self.begun - 1]

    def acknowledge(self, messages):
        assert messages is self.batches[self.acknowledged]
        self.acknowledged += 1
        if self.acknowledged == len(self.batches):
            self.all_done.set()


class Ahead(Workers):
    """Workers whose stage takes its time, with two batches in hand."""

    def __init__(self, folder, pauses):
        super().__init__(folder)
        self.pauses, self.together = pauses, 0
        self._at_work = 0

    async def stage(self, messages):
        self._at_work += 1
        self.together = max(self.together, self._at_work)
        try:
            for _ in range(self.pauses[messages[0].offset % len(self.pauses)]):
                await asyncio.sleep(0)
            await super().stage(messages)
        finally:
            self._at_work -= 1

    async def work(self, batches):
        acknowledged = 0
        while acknowledged < len(batches):
            given = Given(batches, acknowledged)
            try:
                with Journals(self.folder) as journals:
                    await self._until_done(given, self.attempts(journals, "embed"))
            except DeathError:
                self.deaths += 1
                for file, content in self._at_death.items():
                    file.write_bytes(content)
            acknowledged = given.acknowledged

    async def _until_done(self, given, attempts):
        ends = [asyncio.ensure_future(Hands(given, attempts, 2).work()), asyncio.ensure_future(given.all_done.wait())]
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        failed = ends[0].done()
        for one in ends:
            one.cancel()
        found = await asyncio.gather(*ends, return_exceptions=True)
        if failed:
            raise found[0]


def places(messages):
    return {one.offset for one in messages}


@settings(max_examples=10, derandomize=True)
@given(
    values=st.lists(st.sampled_from([GOOD, GOOD, GOOD, GOOD, POISON, DEADLY]), min_size=1, max_size=32),
    pauses=st.lists(st.integers(0, 30), min_size=1, max_size=5),
)
async def test_nothing_is_lost_and_nobody_is_blamed_for_another(values, pauses):
    messages = [record(number, value) for number, value in enumerate(values)]
    batches = [messages[start : start + SIZE] for start in range(0, len(messages), SIZE)]
    with TemporaryDirectory() as folder:
        workers = Ahead(Path(folder), pauses)
        async with asyncio.timeout(60):
            await workers.work(batches)

    aside = [int(one.headers["matchstream.offset"]) for one in workers.outbox.letters]
    assert sorted(aside) == sorted(places(one for one in messages if one.value != GOOD)), "each once, and no other"
    assert places(workers.done) == places(one for one in messages if one.value == GOOD)
    assert workers.deaths <= (math.ceil(math.log2(2 * SIZE)) + 3) * values.count(DEADLY)


async def test_two_really_are_in_hand(tmp_path):
    workers = Ahead(tmp_path, [12])
    await workers.work([[record(0)], [record(1)], [record(2)]])
    assert workers.together == 2
