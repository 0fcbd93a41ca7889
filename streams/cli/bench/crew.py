"""Several workers of one place, for a benchmark: all of them at work before the clock runs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.brokers.groups import GroupReader, new_group_reader
from streams.brokers.lag import LagReader
from streams.brokers.processes import free_port
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics, group_of
from streams.cli.bench.runs import at_work, until
from streams.cli.bench.scraped import Scraped, scrape
from streams.cli.local_worker import COMMAND, LocalWorker
from streams.events import Message
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Crew:
    """Workers that run the same stages.

    Args:
        settings: of their place.
        each: those of each worker.
        workers: as many.
        reader: asks how far they are.
    """

    settings: Settings
    each: Sequence[Settings]
    workers: Sequence[LocalWorker]
    reader: GroupReader

    async def while_all_run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do the work to its end.

        Raises:
            WorkerEndedError: a worker is not started again.
        """
        for worker in self.workers:
            work = worker.while_it_runs(work)
        await work

    async def publish(self, messages: Sequence[Message]) -> None:
        """All at once."""
        async with Publisher(self.settings) as publisher:
            await publisher.publish_all(messages)

    async def until_embedded(self, listings: int) -> None:
        """Wait until `embeddings` holds so many records."""
        topic = Topics(self.settings).embeddings.name

        async def embedded() -> bool:
            return sum((await self.reader.ends(topic)).values()) >= listings

        await until(embedded)

    async def until_done(self, stage: StageName) -> None:
        """Wait until a stage has acknowledged all that is in its topic."""
        topic, group = Topics(self.settings).inputs()[stage].name, group_of(self.settings, stage)

        async def done() -> bool:
            return not await self.reader.left(topic, group)

        await until(done)

    async def until_drained(self) -> None:
        """Wait until every stage has."""
        async with LagReader(self.settings) as reader:
            await until(reader.drained)

    async def scraped(self) -> list[Scraped]:
        """What each worker has counted so far."""
        return [await scrape(one) for one in self.each]


@asynccontextmanager
async def crew(here: Settings, folder: Path, workers: int, stages: Sequence[StageName]) -> AsyncIterator[Crew]:
    """So many workers of these stages, in their groups and at work.

    An embedded index is open in one process, so each further worker has one of its own, which stays empty.

    Raises:
        WorkerEndedError: one does not come to work.
    """
    each = [_settings_of(number, here, folder) for number in range(workers)]
    command = (*COMMAND, "--stages", ",".join(stages))
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(new_group_reader(here))
        started = [LocalWorker(one, folder / f"worker-{number}.log", command) for number, one in enumerate(each)]
        for worker in started:
            await stack.enter_async_context(worker)
        all_ = Crew(here, each, started, reader)
        await all_.while_all_run(_all_joined(all_, stages))
        yield all_


def _settings_of(number: int, here: Settings, folder: Path) -> Settings:
    own = {"index_path": folder / f"index-{number}"} if number else {}
    return here.model_copy(
        update={
            "heartbeat_file": folder / f"heartbeat-{number}",
            "attempts_path": folder / f"attempts-{number}",
            "health_port": free_port(),
            **own,
        }
    )


async def _all_joined(all_: Crew, stages: Sequence[StageName]) -> None:
    for one in all_.each:
        await at_work(one)
    groups = [group_of(all_.settings, stage) for stage in stages]

    async def joined() -> bool:
        return all(found >= len(all_.workers) for found in (await all_.reader.members(groups)).values())

    await until(joined)
