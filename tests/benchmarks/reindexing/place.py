"""A live generation at work, and how long it takes from a listing to its first event."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import orjson
from fakes.mixed_log import catalogue_records
from fakes.on_kafka import publish, until_drained
from reindexing.phases import Phase

from streams.brokers.admin import create_topics
from streams.brokers.local_kafka import LocalKafka
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.local_worker import LocalWorker
from streams.events import Message
from streams.settings import Settings

_JARS: Final = Path(__file__).parents[3] / ".cache" / "kafka"
WORKER: Final = (sys.executable, "-P", "-m", "streams.cli.main", "worker", "--until-stdin-ends")
_TICKS_S: Final = os.sysconf("SC_CLK_TCK")


@dataclass
class Ear:
    """A subscriber that notes when it first heard of each listing."""

    first: dict[str, float] = field(default_factory=dict)

    async def listen(self, settings: Settings) -> None:
        async with aclosing(read_records(settings, Topics(settings).matches.name)) as records:
            async for record in records:
                self.first.setdefault((record.key or b"").decode(), time.time())

    async def all_of(self, listing_ids: Sequence[str]) -> None:
        while not all(one in self.first for one in listing_ids):  # noqa: ASYNC110 - a look now and then
            await asyncio.sleep(0.05)


@dataclass
class Place:
    """A live generation at work.

    Args:
        processes: their ids, by name.
    """

    settings: Settings
    folder: Path
    records: Sequence[dict]
    rate: float
    processes: dict[str, int]
    ear: Ear = field(default_factory=Ear)
    numbers: Iterator[int] = field(default_factory=count)

    async def measure(self, phase: Phase, ends: asyncio.Event, most_s: float) -> None:
        """Publish steadily until it ends, or for so long; then wait for all events, and withdraw the listings."""
        busy, began, sent = self._busy(), time.time(), {}
        async with Publisher(self.settings) as publisher:
            while not ends.is_set() and time.time() < began + most_s:
                listing_id = f"new-{next(self.numbers)}"
                sent[listing_id] = time.time()
                message = _published(self.records[len(sent) * 7 % len(self.records)], listing_id)
                await publisher.send(Topics(self.settings).listings.name, message.key, message.value)
                await asyncio.sleep(max(0.0, began + len(sent) / self.rate - time.time()))
            phase.seconds = round(time.time() - began, 1)
            phase.cores = {name: round((s - busy.get(name, 0)) / phase.seconds, 2) for name, s in self._busy().items()}
            phase.load = os.getloadavg()[0]
        await self.ear.all_of(list(sent))
        phase.latencies_s = [round(self.ear.first[one] - at, 3) for one, at in sent.items()]
        await publish([_withdrawn(one) for one in sent], self.settings)

    def _busy(self) -> dict[str, float]:
        return {name: _cpu_s(process_id) for name, process_id in self.processes.items()}


@asynccontextmanager
async def live(folder: Path, products: int, rate: float) -> AsyncIterator[Place]:
    """A broker, a catalogue, and the worker that has matched it."""
    records = catalogue_records(products, folder)
    async with AsyncExitStack() as stack:
        kafka = LocalKafka(folder / "kafka", 0, _JARS)
        address = await asyncio.to_thread(kafka.start)
        stack.push_async_callback(asyncio.to_thread, kafka.stop)
        common = Settings(_env_file=None, brokers=address, partitions=4, image_root=folder, index_path=folder / "index")
        await create_topics(common)
        settings = own_places(common, folder / "live")
        worker = await stack.enter_async_context(LocalWorker(settings, folder / "live" / "worker.log", WORKER))
        await publish([_published(one, one["listing_id"]) for one in records], settings)
        await until_drained(settings)
        processes = {"live": worker.process_id or 0, "kafka": orjson.loads(kafka._state_file.read_bytes())["pid"]}
        place = Place(settings, folder, records, rate, processes)
        listening = asyncio.create_task(place.ear.listen(settings))
        stack.callback(listening.cancel)
        yield place


def own_places(settings: Settings, folder: Path) -> Settings:
    """What two workers must not share."""
    return settings.model_copy(update={"attempts_path": folder / "attempts", "heartbeat_file": folder / "heartbeat"})


def _published(record: Mapping[str, object], listing_id: str) -> Message:
    value = orjson.dumps({**record, "listing_id": listing_id, "version": 1})
    return Message("listings", listing_id.encode(), value)


def _withdrawn(listing_id: str) -> Message:
    return Message("listings", listing_id.encode(), None, headers={"version": b"2"})


def _cpu_s(process_id: int) -> float:
    """What a process has computed so far; 0 when it is gone."""
    try:
        words = Path(f"/proc/{process_id}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(words[11]) + int(words[12])) / _TICKS_S
