"""`matchstream bench scale`: more workers and partitions beside one, and each stage by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Annotated, Any

import typer

from encoders.bundle import read_bundle
from streams.benchmarks import Goal, Report, Spread, Table, in_turns, ratio, spread
from streams.brokers.topics import StageName
from streams.cli.bench.load import check_photos, load_of
from streams.cli.bench.pipeline import File, Images, Listings
from streams.cli.bench.runs import ensure_ready
from streams.cli.bench.scale_runs import ALL_STAGES, Cost, Scale
from streams.cli.bench.shown import Json, Rounds, tell
from streams.cli.console import err
from streams.settings import load_settings

_WANTED = 0.9
_ALONE, _STAGED = "encoders alone", "workers"


def bench_scale(
    file: File = None,
    images: Images = None,
    *,
    workers: Annotated[
        str, typer.Option(metavar="N,...", help="How many workers; 1 is what others are beside.")
    ] = "1,2,4",
    listings: Listings = 1000,
    rounds: Rounds = 3,
    json: Json = None,
) -> None:
    """Measure how much faster several workers are than one, on the broker of the settings.

    With a Qdrant server in the settings each worker runs every stage. An embedded index is open in one process
    alone, so there only the embed stage has several workers; what the others take is measured by itself.
    Beside that, bare encoders in as many processes: more than those gain, this machine does not have.
    """
    numbers = _numbers(workers)
    asyncio.run(ensure_ready(load_settings(), embedded=False))
    with load_of(file, images, listings) as load:
        settings = load_settings(**({} if load.images is None else {"image_root": load.images}))
        check_photos(load, settings)
        stages = ALL_STAGES if settings.index == "server" else (StageName.EMBED,)
        scale = Scale(settings, load, max(numbers), stages)
        cases = {_named(_ALONE, number): partial(scale.alone, number) for number in numbers}
        cases |= {_named(_STAGED, number): partial(_run, scale, number) for number in numbers}
        per_s = in_turns(cases, rounds, uncounted=0, on_measured=_tell_progress)
        costs = asyncio.run(scale.by_stage())
    bundle = read_bundle(settings.bundle).name
    options = {"workers": numbers, "listings": listings, "rounds": rounds, "index": settings.index, "bundle": bundle}
    tell(report_of(options, len(load.lines), per_s, costs), json)


def _run(scale: Scale, workers: int) -> float:
    return asyncio.run(scale.staged(workers))


def _numbers(workers: str) -> list[int]:
    named = [one.strip() for one in workers.split(",")]
    if not all(one.isdecimal() and int(one) for one in named) or "1" not in named:
        raise typer.BadParameter(f"'{workers}', numbers with 1 among them wanted", param_hint="'--workers'")
    return sorted({int(one) for one in named})


def _named(what: str, number: int) -> str:
    return f"{what}, {number}"


def report_of(
    options: Mapping[str, Any],
    listings: int,
    per_s: Mapping[str, Sequence[float]],
    costs: Mapping[StageName, Cost],
) -> Report:
    """What was found, in tables."""
    server = options["index"] == "server"
    gained = {name: ratio(per_s, name, _named(name.rpartition(", ")[0], 1)) for name in per_s}
    rows = [_row(number, per_s, gained) for number in options["workers"]]
    what = "all stages" if server else "the embed stage"
    columns = ["processes", "encoders alone/s", "times one", f"{what}/s", "times one"]
    measured = {
        "bundle": {"name": options["bundle"]},
        "listings": listings,
        "listings_per_s": dict(per_s),
        "times_one": {name: asdict(one) for name, one in gained.items()},
        "stages": {
            str(stage): {**asdict(one), "of_a_listing": one.messages / listings} for stage, one in costs.items()
        },
    }
    tables = [
        Table(f"{listings} listings, bundle '{options['bundle']}': {what} in several workers", columns, rows),
        _stages(costs, listings),
    ]
    most = max(options["workers"])
    goals = [_goal(most, gained)] if most > 1 else []
    return Report("scale", dict(options), tables, measured, goals, _notes(server=server))


def _row(number: int, per_s: Mapping[str, Sequence[float]], gained: Mapping[str, Spread]) -> list[str]:
    both = [_named(what, number) for what in (_ALONE, _STAGED)]
    return [str(number), *(cell for one in both for cell in (f"{spread(per_s[one]):.1f}", f"{gained[one]:.2f}"))]


def _stages(costs: Mapping[StageName, Cost], listings: int) -> Table:
    rows = [
        [
            str(stage),
            f"{one.messages / listings:.2f}",
            "not known" if one.processor_ms is None else f"{one.processor_ms:.2f}",
            f"{one.clock_ms:.2f}",
        ]
        for stage, one in costs.items()
    ]
    columns = ["stage", "messages a listing", "processor, ms a message", "clock, ms a message"]
    return Table("Each stage by itself, one worker after the other", columns, rows)


def _goal(most: int, gained: Mapping[str, Spread]) -> Goal:
    alone, staged = (gained[_named(what, most)].median for what in (_ALONE, _STAGED))
    wanted = f"{most} workers gain at least {_WANTED} of what bare encoders gain from {most} processes"
    return Goal(wanted, f"{staged:.2f} times one beside {alone:.2f}", staged >= _WANTED * alone)


def _notes(*, server: bool) -> list[str]:
    notes = [
        "What bare encoders gain is what the machine allows: two hardware threads of one core share its arithmetic.",
        "By itself, a stage meets the marks of all listings at once; those of one in a batch are computed once.",
    ]
    if not server:
        notes.append(
            "An embedded index is open in one process: only the embed stage was divided, each worker beside an empty"
            " index of its own. With MATCHSTREAM_INDEX=server every stage is."
        )
    return notes


def _tell_progress(name: str, per_s: float) -> None:
    err.print(f"{name}: {per_s:.1f} listings/s")
