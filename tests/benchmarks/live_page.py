"""How the live page bears a busy minute: `python -m benchmarks.live_page`, in the folder tests.

Events come for a minute, while watchers read the stream over HTTP from another process and one of them never reads.
Told are the CPU time of the process that serves and writes, once without and once with watchers, how its memory
grows, and how long it takes from an event being in the store until all watchers have it.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp
from fakes.web import Shop, listing

from streams.events import Match
from streams.web.store import Kind

EVIDENCE = {"probability": 0.99, "text": 0.94, "image": 1.0, "rule": "probability>=0.90"}
WAVE_S = 0.1
TITLE = "Anglepoise desk lamp in polished brass, adjustable, 40 W, number"


def main() -> None:
    """Run it and print the figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--events", type=int, default=10_000)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--watchers", type=int, default=20)
    given = arguments.parse_args()
    for watchers in (0, given.watchers):
        with tempfile.TemporaryDirectory() as folder:
            measured(Shop(Path(folder)), given.events, given.seconds, watchers)


def measured(shop: Shop, events: int, seconds: float, watchers: int) -> None:
    shop.lists(*(listing(f"l{number}", title=f"{TITLE} {number}") for number in range(1_000)))
    ours, theirs = multiprocessing.Pipe()
    with shop.served() as address:
        others = multiprocessing.get_context("spawn").Process(target=watch, args=(address, watchers, theirs))
        others.start()
        ours.recv()
        cpu, memory = time.process_time(), peak_mib()
        told = written(shop, events, seconds)
        time.sleep(2)
        cpu, memory = time.process_time() - cpu, peak_mib() - memory
        ours.send("done")
        seen: list[list[tuple[int, float]]] = ours.recv()
        size: list[int] = ours.recv()
        others.join()
    print(f"{events} events in {seconds:g} s, {watchers} watchers and one that never reads")
    print(f"  CPU of writing and serving {cpu:.1f} s, {cpu / seconds:.0%} of one; memory +{memory:.0f} MiB")
    if watchers:
        waits = delays(told, seen)
        pushes = statistics.median(map(len, seen)) / seconds
        print(f"  pushes a second {pushes:.2f}, {statistics.median(size) / 1e6:.1f} MB to each")
        print(f"  from the store to all watchers: median {waits[len(waits) // 2]:.2f} s, all within {waits[-1]:.2f} s")


def written(shop: Shop, events: int, seconds: float) -> list[tuple[int, float]]:
    """When which story was there."""
    told, begun, waves = [], time.monotonic(), round(seconds / WAVE_S)
    for wave in range(waves):
        numbers = range(events * wave // waves, events * (wave + 1) // waves)
        shop.hears(Kind.MATCHES, *(record(shop, number) for number in numbers))
        told.append((numbers.stop, time.monotonic()))
        time.sleep(max(0.0, begun + (wave + 1) * WAVE_S - time.monotonic()))
    return told


def record(shop: Shop, number: int):
    value = {"listing_id": f"l{number}", "revision": 1, "generation": "g1", "cause": "", "added": [], "removed": []}
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    matches = [Match(f"z{number % 1_000}", 0.9, EVIDENCE).to_json()]
    return shop.record(Kind.MATCHES, f"l{number}", {**value, "occurred_at": at, "matches": matches})


def watch(address: str, watchers: int, told: Connection) -> None:
    asyncio.run(_watch(address, watchers, told))


async def _watch(address: str, watchers: int, told: Connection) -> None:
    timeout = aiohttp.ClientTimeout(total=None)
    connector = aiohttp.TCPConnector(limit=0)
    seen: list[list[tuple[int, float]]] = [[] for _ in range(watchers)]
    size = [0] * watchers
    async with (
        aiohttp.ClientSession(timeout=timeout, connector=connector, read_bufsize=2**10) as session,
        session.get(f"{address}/live/events"),  # the one that never reads
    ):
        reading = [asyncio.create_task(_read(session, address, seen[one], size, one)) for one in range(watchers)]
        await asyncio.sleep(1)
        told.send("ready")
        await asyncio.to_thread(told.recv)
        for one in reading:
            one.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    told.send(seen)
    told.send(size)


async def _read(
    session: aiohttp.ClientSession, address: str, seen: list[tuple[int, float]], size: list[int], one: int
) -> None:
    async with session.get(f"{address}/live/events") as answer:
        async for line in answer.content:
            size[one] += len(line)
            if found := re.fullmatch(rb"id: (\d+)\n", line):
                seen.append((int(found[1]), time.monotonic()))


def delays(told: Sequence[tuple[int, float]], seen: Sequence[Sequence[tuple[int, float]]]) -> list[float]:
    """For each wave how long until the last watcher had it."""
    return sorted(max(next(at for known, at in one if known >= last) for one in seen) - when for last, when in told)


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
