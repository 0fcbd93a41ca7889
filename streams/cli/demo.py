"""`matchstream demo`: a small generated catalogue through the whole pipeline, beside the known truth."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from streams.brokers.topics import Topics
from streams.cli.console import err, out
from streams.cli.listing_files import Line, read_lines
from streams.cli.local_worker import LocalWorker
from streams.cli.pipeline import Outcome, run_beside
from streams.cli.places import embedded_place, scratch_folder
from streams.cli.truth import Score, score
from streams.cli.watching import RunProgress
from streams.events import Match
from streams.settings import Settings, load_settings

if TYPE_CHECKING:
    from streams.web.serving import Served

_EXAMPLES = 30
"""Listings that are shown, or in a list that is shown."""
_TITLE_WIDTH = 62


def demo(
    products: Annotated[int, typer.Option(metavar="N", min=2, max=5_000, help="How many products to invent.")] = 120,
    leave: Annotated[bool, typer.Option("--exit", help="End after the summary.")] = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Invent a catalogue, publish it, and show which listings are found to be the same product.

    Everything runs here: a broker in memory, an embedded index, one worker. Nothing is kept.
    """
    settings = load_settings()
    asyncio.run(_demo(settings, products, leave=leave))


async def _demo(settings: Settings, products: int, *, leave: bool) -> None:
    out.print("matchstream demo: a broker in memory, an embedded index and one worker, all on this machine\n")
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(scratch_folder())
        lines = _catalogue(products, folder)
        place = embedded_place(settings, folder, image_root=folder, generation="demo", bundle="demo")
        here = await stack.enter_async_context(place)
        topic = Topics(here).listings.name
        served = None if leave else await stack.enter_async_context(_page(here, folder))
        worker = await stack.enter_async_context(LocalWorker(here, folder / "worker.log"))
        with RunProgress(len(lines), len(lines)) as progress:
            outcome = await run_beside(worker, [one.message_for(topic) for one in lines], here, progress)
        _summary(lines, outcome)
        if served is not None:
            _invite(here, served)
            await worker.while_it_runs(_watched(served))


@asynccontextmanager
async def _page(here: Settings, folder: Path) -> AsyncIterator[Served]:
    """The web page, on another port where its own is taken."""
    from streams.web.serving import is_free, serving  # noqa: PLC0415 - it brings FastAPI, which a short run does not need

    port = here.web_port if is_free(here) else 0
    place = here.model_copy(update={"web_path": folder / "web.sqlite", "web_port": port})
    async with serving(place) as served:
        out.print(f"Watch it in a browser: {served.address}\n", style="bold")
        yield served


def _catalogue(products: int, folder: Path) -> list[Line]:
    from encoders.training.catalogue import DEMO_SEED, generate_catalogue, write_catalogue  # noqa: PLC0415 - only here

    with err.status(f"inventing {products} products, and their sellers' titles and photos"):
        write_catalogue(generate_catalogue(products, DEMO_SEED), folder)
    return [one for one in read_lines(folder / "listings.jsonl", "listings", folder) if isinstance(one, Line)]


def _summary(lines: Sequence[Line], outcome: Outcome) -> None:
    raw = {line.event.listing_id: line.event.raw or {} for line in lines}
    result = score(outcome.lists, {one: str(fields["product_id"]) for one, fields in raw.items()})
    out.print()
    out.print(_figures(lines, outcome, result))
    out.print("\nSome of them", style="bold")
    for one in _examples(outcome.lists, raw):
        out.print(one, markup=False)
    out.print("\nWhat to try next", style="bold")
    out.print("  make kafka                            a real Apache Kafka on this machine")
    out.print("  .venv/bin/matchstream match FILE      your own listings, one JSON object per line")
    out.print("  .venv/bin/matchstream --help          everything else")


def _figures(lines: Sequence[Line], outcome: Outcome, result: Score) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    matched = sum(1 for matches in outcome.lists.values() if matches)
    table.add_row("listings", str(len(lines)), f"of {result.products} products; {matched} have a match")
    table.add_row("pairs right", str(result.right), "the same product, and found")
    table.add_row("pairs wrong", str(result.wrong), "found, but not the same product")
    table.add_row("pairs missed", str(result.missed), "the same product, but not found")
    table.add_row(
        "precision, recall", f"{result.rates.precision:.3f}, {result.rates.recall:.3f}", f"F1 {result.rates.f1:.3f}"
    )
    speed = len(lines) / outcome.run_s
    table.add_row("speed", f"{speed:.1f} listings/s", f"{outcome.run_s:.1f} s, {outcome.events} match events")
    return table


def _examples(lists: Mapping[str, tuple[Match, ...]], raw: Mapping[str, Mapping[str, object]]) -> list[str]:
    """A few listings with long lists, each with its best match and why."""
    printed: list[str] = []
    shown: set[str] = set()
    for listing_id in sorted(lists, key=lambda one: (-len(lists[one]), one)):
        if len(shown) >= _EXAMPLES or not lists[listing_id] or listing_id in shown:
            continue
        best = lists[listing_id][0]
        shown |= {listing_id, *(match.listing_id for match in lists[listing_id])}
        similar = ", ".join(f"{name} {value:.2f}" for name, value in best.evidence.items() if isinstance(value, float))
        printed += [
            f"  {_offer(raw[listing_id])}",
            f"= {_offer(raw[best.listing_id])}",
            f"    because {best.evidence['rule']} ({similar})",
        ]
    return printed


def _offer(fields: Mapping[str, object]) -> str:
    title = str(fields.get("title") or "(photo only)")
    if len(title) > _TITLE_WIDTH:
        title = title[: _TITLE_WIDTH - 3] + "..."
    return f"{title:<{_TITLE_WIDTH}} {fields.get('price'):>9} {fields.get('currency')}"


def _invite(here: Settings, served: Served) -> None:
    """Say what can be done while broker, worker and page go on."""
    environment = f"MATCHSTREAM_BROKERS={here.brokers} MATCHSTREAM_GENERATION={here.generation}"
    out.print("\nStill running, until Ctrl-C", style="bold")
    out.print(f"  {served.address}", soft_wrap=True)
    out.print(f"  {served.entrance}  to judge pairs", soft_wrap=True)
    out.print(f"  {environment} .venv/bin/matchstream publish FILE", soft_wrap=True)


async def _watched(served: Served) -> None:
    await served.ended
