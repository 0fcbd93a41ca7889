"""The whole pipeline with the worker of another commit beside this one's, in turns, on the same listings and broker.

    git worktree add /tmp/before COMMIT
    make kafka
    python tests/benchmarks/before.py /tmp/before [--listings 1000] [--rounds 3]

The topics, the publishing and the looking are this commit's; the worker is each commit's own, with the bundle that it
ships as `demo`. Both must agree on the topics' names.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final
from unittest.mock import patch

from streams.benchmarks import in_turns, spread
from streams.benchmarks.processor import all_processors_s, less
from streams.cli.bench.load import Load, load_of
from streams.cli.bench.runs import Silent, at_work, place_of
from streams.cli.local_worker import LocalWorker
from streams.cli.pipeline import run_beside
from streams.events import Message
from streams.settings import Settings, load_settings

HERE: Final = Path(__file__).resolve().parents[2]
WAYS: Final = ("new listings", "the same at other prices")
_WARM_UP: Final = 64


async def run(worker: LocalWorker, messages: Sequence[Message], settings: Settings) -> tuple[float, float]:
    """Listings a second until every stage is drained, and milliseconds of processors that the worker used for each."""
    before = all_processors_s(worker.process_id)
    outcome = await run_beside(worker, messages, settings, Silent())
    used = less(all_processors_s(worker.process_id), before) or 0.0
    return len(messages) / outcome.run_s, 1000 * used / len(messages)


async def measured(checkout: Path, load: Load, settings: Settings, into: dict[str, list[tuple[float, float]]]) -> float:
    """One run with the worker of a checkout, in a place of its own."""
    with patch.dict(os.environ, PYTHONPATH=str(checkout)), tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with place_of(settings, folder, embedded=False) as here, LocalWorker(here, folder / "log") as worker:
            await worker.while_it_runs(at_work(here))
            messages = load.messages(here)
            await run(worker, messages[:_WARM_UP], here)
            for way, some in zip(WAYS, (messages[_WARM_UP:], load.repriced(here)), strict=True):
                into[way].append(await run(worker, some, here))
    return into[WAYS[0]][-1][0]


def table(found: Mapping[str, Mapping[str, Sequence[tuple[float, float]]]]) -> str:
    """Of each way the speeds of both, and how many times the other's this one's is, round by round."""
    lines = ["| | before, listings/s | now, listings/s | times as many | worker before, ms of processors | now |"]
    lines.append("| --- | --- | --- | --- | --- | --- |")
    for way in WAYS:
        before, now = found["before"][way], found["now"][way]
        times = [mine[0] / other[0] for mine, other in zip(now, before, strict=True)]
        speeds = [f"{spread([one[0] for one in some]):.1f}" for some in (before, now)]
        used = [f"{spread([one[1] for one in some]):.1f}" for some in (before, now)]
        lines.append(f"| {way} | {speeds[0]} | {speeds[1]} | {spread(times):.2f} | {used[0]} | {used[1]} |")
    return "\n".join(lines)


def main() -> None:
    """Measure both, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("checkout", type=Path, help="of the other commit")
    parser.add_argument("--listings", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found = {name: {way: list[tuple[float, float]]() for way in WAYS} for name in ("before", "now")}
    with load_of(None, None, options.listings) as load:
        settings = load_settings(image_root=load.images)
        checkouts = {"before": options.checkout.resolve(), "now": HERE}
        cases = {
            name: lambda name=name, where=where: asyncio.run(measured(where, load, settings, found[name]))
            for name, where in checkouts.items()
        }
        in_turns(cases, options.rounds, uncounted=0, on_measured=lambda name, per_s: print(f"{name}: {per_s:.1f}"))
    print(table(found))


if __name__ == "__main__":
    main()
