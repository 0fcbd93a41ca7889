"""How long a listing takes to its first event on `matches`, while another generation is filled and while none is.

    make bench-reindex ARGS='--repetitions 3 -o docs/benchmarks/reindex-latency.json'

A local Kafka, the bundle `demo`, one worker process of the live generation over an embedded index, and a few new
listings a second. In turns, nothing else happens, or a second worker process fills another generation, from
`listings` or from `embeddings`, giving way (`nice`) or not.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import tempfile
from pathlib import Path
from typing import Final

import orjson
from fakes.on_kafka import until_drained
from reindexing.phases import ORDER, QUIET, Condition, Phase, shown, summary
from reindexing.place import WORKER, Place, live, own_places

from streams.brokers.groups import new_group_reader
from streams.brokers.roster import read_roster
from streams.cli.local_worker import LocalWorker
from streams.errors import GenerationInUseError
from streams.reindex.beginning import begin
from streams.reindex.dropping import drop
from streams.reindex.planning import Plan
from streams.reindex.progress import look
from streams.reindex.shaping import settings_of
from streams.settings import Settings

_NEARLY_ALL: Final = 0.98
_BEHIND: Final = 30


def gives_way(niceness: int) -> tuple[str, ...]:
    """The command of a worker with that niceness.

    Where the kernel schedules by session first, a process is nice within its session alone, unless that is told, too.
    """
    script = f'echo {niceness} 2>/dev/null >/proc/self/autogroup; exec nice -n {niceness} "$@"'
    return ("sh", "-c", script, "sh", *WORKER)


async def quiet(place: Place, window_s: float) -> Phase:
    """Nothing but the live generation."""
    phase = Phase(QUIET.name)
    await place.measure(phase, asyncio.Event(), window_s)
    return phase


async def beside(place: Place, condition: Condition, window_s: float, niceness: int) -> Phase:
    """Fill another generation meanwhile, and drop it."""
    phase, name = Phase(condition.name), f"r{next(place.numbers)}"
    generation = (await begin(place.settings, Plan(name=name, source=condition.source))).generation
    there = own_places(settings_of(place.settings, generation), place.folder / name)
    command = gives_way(niceness) if condition.gives_way else WORKER
    async with LocalWorker(there, place.folder / name / "worker.log", command) as worker:
        await _filled(there, some=True)
        place.processes["reindex"] = worker.process_id or 0
        ends = asyncio.Event()
        filling = asyncio.create_task(_filled(there, ends=ends))
        await place.measure(phase, ends, window_s)
        filling.cancel()
        await asyncio.gather(filling, return_exceptions=True)
    del place.processes["reindex"]
    await _dropped(place.settings, name)
    return phase


async def _dropped(settings: Settings, name: str) -> None:
    """Drop a generation as soon as Kafka has forgotten its worker."""
    while True:
        try:
            await drop(settings, name)
        except GenerationInUseError:
            await asyncio.sleep(1.0)
        else:
            return


async def _filled(settings: Settings, ends: asyncio.Event | None = None, *, some: bool = False) -> None:
    """Wait until a generation has all, nearly, or some, and say so."""
    roster = await read_roster(settings)
    async with new_group_reader(settings) as reader:
        while True:
            now = await look(reader, settings, roster)
            if (some and now.done) or (now.share > _NEARLY_ALL and now.behind <= _BEHIND):
                break
            await asyncio.sleep(0.5)
    if ends is not None:
        ends.set()


async def measured(options: argparse.Namespace, folder: Path) -> list[Phase]:
    """All phases, in the order they were measured."""
    phases: list[Phase] = []
    async with live(folder, options.products, options.rate) as place:
        print(f"{len(place.records)} listings are matched, {options.rate:g} more a second", flush=True)
        before = await quiet(place, options.window / 2)  # the first events of a run are slower
        for _ in range(options.repetitions):
            for condition in ORDER:
                await until_drained(place.settings)
                if condition.source is None:
                    phase = await quiet(place, options.window)
                else:
                    phase = await beside(place, condition, options.window, options.nice)
                before = phase if condition is QUIET else before
                phase.ratio = round(phase.median_s / before.median_s, 2)
                phases.append(phase)
                print(shown(phase), flush=True)
    return phases


def main() -> None:
    """Print each phase and what they come to."""
    parser = argparse.ArgumentParser(prog="make bench-reindex ARGS=...", description=__doc__)
    parser.add_argument("--products", type=int, default=390, help="of the catalogue (default %(default)s)")
    parser.add_argument("--rate", type=float, default=3.0, help="new listings a second (default %(default)s)")
    parser.add_argument("--window", type=float, default=30.0, help="seconds of a phase at most (default %(default)s)")
    parser.add_argument("--nice", type=int, default=10, help="of a worker that gives way (default %(default)s)")
    parser.add_argument("--repetitions", type=int, default=3, help="of all conditions (default %(default)s)")
    parser.add_argument("-o", "--output", type=Path, help="write all figures there, as JSON")
    options = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="reindex-") as folder:
        phases = asyncio.run(measured(options, Path(folder)))
    found = summary(phases)
    for name, one in found.items():
        print(f"{name}: median {one['median_s']} s, ratio {one['ratio']} ({one['least']} to {one['most']})")
    if options.output:
        told = {"conditions": found, "phases": [one.to_json() for one in phases]}
        options.output.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
