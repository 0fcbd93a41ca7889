"""`python -m chaos.soak`: many light events, with the index gone for a while, and how much memory that takes.

One broker, one worker with all stages, and the index in a process of its own. Half way the index is
stopped (SIGSTOP) while sellers go on: Kafka keeps what is not read, the worker waits, and catches up.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import orjson

from chaos.checks import Findings, look_at
from chaos.crew import Worker
from chaos.faulty_index import Control
from chaos.index_process import IndexProcess
from chaos.light import light_bundle
from chaos.recovery import Monitor
from chaos.remote_index import RemoteIndex
from chaos.seller import Seller
from chaos.traffic import LIGHT, Traffic
from chaos.worker import CONTROL, INDEX_PORT
from streams.brokers.admin import create_topics
from streams.brokers.lag import LagReader
from streams.brokers.local_kafka import LocalKafka
from streams.brokers.topics import StageName, Topics
from streams.settings import Settings

_JARS: Final = Path(__file__).parents[2] / ".cache" / "kafka"
_BACKLOG: Final = 20_000
_TENTH: Final = 0.1


@dataclass
class Soak:
    """What was measured. Memory is resident, in MB.

    Args:
        first_tenth: of the worker when a tenth of the events was worked off.
        end: of the worker when all were.
        most: of the worker at any time.
        index_first_tenth, index_end: of the index's process, likewise.
        outage_s: how long the index was gone.
        behind: messages before the embed stage when it came back.
        caught_up_s: until no more waited than before.
        seconds: all together.
    """

    events: int
    first_tenth: float = 0.0
    end: float = 0.0
    most: float = 0.0
    index_first_tenth: float = 0.0
    index_end: float = 0.0
    outage_s: float = 0.0
    behind: int = 0
    caught_up_s: float = 0.0
    seconds: float = 0.0
    starts: int = 1
    samples: list[tuple[float, float]] = field(default_factory=list)
    """Seconds since the beginning, and memory of the worker."""

    @property
    def ratio(self) -> float:
        return round(self.end / self.first_tenth, 3) if self.first_tenth else 0.0


@dataclass
class Place:
    """Where it happens."""

    settings: Settings
    worker: Worker
    index: IndexProcess
    monitor: Monitor


@asynccontextmanager
async def place(folder: Path) -> AsyncIterator[Place]:
    """A broker with topics, an index and a worker."""
    async with AsyncExitStack() as stack:
        kafka = LocalKafka(folder / "kafka", 0, _JARS)
        address = await asyncio.to_thread(kafka.start)
        stack.push_async_callback(asyncio.to_thread, kafka.stop)
        index = await stack.enter_async_context(IndexProcess(folder / "index"))
        settings = Settings(
            _env_file=None,
            bundle=str(light_bundle(folder / "light").path),
            brokers=address,
            partitions=4,
            batch_size=256,
            attempts_path=folder / "attempts",
            sweep_period_s=0.0,
            image_allow_private=True,
        )
        await create_topics(settings)
        extra = {CONTROL: str(Control(folder / "control.json").file), INDEX_PORT: str(index.port)}
        worker = Worker("worker", settings, extra, folder / "worker.log")
        worker.begin()
        stack.push_async_callback(worker.leave)
        yield Place(settings, worker, index, await stack.enter_async_context(Monitor(settings)))


async def soak(events: int, listings: int, outage_s: float, folder: Path) -> tuple[Soak, Findings]:
    """Publish so many events, with the index gone for so long half way."""
    began, measured = time.monotonic(), Soak(events, outage_s=outage_s)
    async with place(folder) as here:
        seller = Seller(here.settings, lambda _: here.monitor.behind < _BACKLOG, chunk=1_000)
        traffic = Traffic(Topics(here.settings), listings, random.Random(1), "", kinds=LIGHT)
        sampling = asyncio.create_task(_sample(here, measured, began))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(seller.publish(traffic.events(events)))
            tasks.create_task(_outage(here, seller, measured))
        await _drained(here)
        sampling.cancel()
        measured.end, measured.index_end = _memory(here.worker.process_id), _memory(here.index.process_id)
        measured.starts += sum(here.worker.ends.values())
        measured.seconds = time.monotonic() - began
        print(f"{measured.seconds:7.1f}  all stages are done; comparing with the reference", flush=True)
        index = RemoteIndex(here.index.port, timeout_s=60.0)
        try:
            return measured, await look_at(here.settings, index, seller.acknowledged)
        finally:
            await index.close()


async def _sample(here: Place, measured: Soak, began: float) -> None:
    """Note the memory every other second, and when a tenth of the events is through."""
    while True:
        now = _memory(here.worker.process_id)
        measured.samples.append((round(time.monotonic() - began, 1), now))
        measured.most = max(measured.most, now)
        if not measured.first_tenth and _worked_off(here) >= measured.events * _TENTH:
            measured.first_tenth, measured.index_first_tenth = now, _memory(here.index.process_id)
        if len(measured.samples) % 15 == 0:
            print(f"{measured.samples[-1][0]:7.1f}  {_worked_off(here)} worked off, {now:.0f} MB", flush=True)
        await asyncio.sleep(2.0)


async def _outage(here: Place, seller: Seller, measured: Soak) -> None:
    while len(seller.acknowledged) < measured.events / 2:
        await asyncio.sleep(0.5)
    before = here.monitor.behind
    print(f"         the index is gone for {measured.outage_s:.0f} s, {before} messages before embed", flush=True)
    here.index.tell(signal.SIGSTOP)
    await asyncio.sleep(measured.outage_s)
    measured.behind = here.monitor.behind
    here.index.tell(signal.SIGCONT)
    back = time.monotonic()
    print(f"         it is back, {measured.behind} messages before embed", flush=True)
    while here.monitor.behind > before:
        await asyncio.sleep(0.5)
    measured.caught_up_s = time.monotonic() - back


async def _drained(here: Place) -> None:
    async with LagReader(here.settings, photos=True) as reader:
        while not await reader.drained():
            await asyncio.sleep(0.5)


def _worked_off(here: Place) -> int:
    """Messages that the first stage has done; later ones have fewer, for a listing counts once in a batch."""
    return here.monitor.last.done[StageName.EMBED] if here.monitor.last else 0


def _memory(process_id: int | None) -> float:
    """Resident memory of a process in MB, 0 while there is none."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmRSS")), 0.0)


def _told(measured: Soak, found: Findings) -> Iterator[str]:
    yield f"{measured.events} events in {measured.seconds:.0f} s, {found.listings} listings, starts {measured.starts}"
    yield (
        f"worker: {measured.first_tenth:.0f} MB after a tenth, {measured.end:.0f} MB at the end: "
        f"{measured.ratio} times; {measured.most:.0f} MB at most"
    )
    yield f"index: {measured.index_first_tenth:.0f} MB, {measured.index_end:.0f} MB"
    yield (
        f"index gone for {measured.outage_s:.0f} s: {measured.behind} behind embed, "
        f"as before {measured.caught_up_s:.0f} s later"
    )
    yield f"lost {len(found.lost)}, wrong {len(found.wrong)}, delivered twice {found.duplicates}"
    yield from found.shown()


def main() -> int:
    """Soak once and tell what was measured."""
    parser = argparse.ArgumentParser(prog="make soak ARGS=...", description=__doc__)
    parser.add_argument("--events", type=int, default=200_000, help="messages to publish (default %(default)s)")
    parser.add_argument("--listings", type=int, default=1_000, help="how many there are (default %(default)s)")
    parser.add_argument("--outage", type=float, default=150.0, help="seconds without index (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, help="write the report there, as JSON")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        measured, found = asyncio.run(soak(options.events, options.listings, options.outage, Path(folder)))
    print("\n".join(_told(measured, found)))
    if options.output:
        told = {**asdict(measured), "lost": len(found.lost), "wrong": len(found.wrong), "ratio": measured.ratio}
        options.output.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
