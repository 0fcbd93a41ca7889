"""`matchstream verify`: whether the live index and what was told are what the reference says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack, aclosing
from typing import Annotated

import orjson
import typer
from rich.progress import Progress, TaskID

from encoders.bundle import read_bundle
from encoders.loading import load_derive
from streams.bootstrap import KafkaOutbox
from streams.brokers.lag import stage_lags
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.console import counted, err, out, printable, progress_bar, table
from streams.errors import StageBehindError
from streams.events import MatchEvent
from streams.events.products import ProductEvent
from streams.index.opening import open_existing_index
from streams.matching.bundled import rules_of
from streams.settings import Settings, load_settings
from streams.stages import Channel, Dependencies, Letter, Outbox
from streams.verification import Kind, Told, Verified, compare_told, repair, verify

_SHOWN = 20


def verify_index(
    topics: Annotated[bool, typer.Option("--topics/--no-topics", help="Look at the public topics too.")] = True,  # noqa: FBT002 - typer's way to declare a flag
    as_json: Annotated[bool, typer.Option("--json", help="Print each difference as a line of JSON.")] = False,  # noqa: FBT002 - likewise
    repair_too: Annotated[  # noqa: FBT002 - likewise
        bool, typer.Option("--repair", help="Have what differs derived and told again.")
    ] = False,
) -> None:
    """Compare the live index and the public topics with the reference: plain batch computation over the same truth.

    Differences are explained: a limit that was reached, an approximate search, rounding at a threshold,
    or a real fault. The exit code is 1 when there is a real fault. The stages have to be done with what
    was published. An embedded index can be looked at while no worker has it open.

    With --repair, faults and what searches missed are marked in the topics whose stages mend them; publish
    nothing meanwhile. The exit code tells what was found: verify again when the workers are through.
    """
    found, marked = asyncio.run(_verify(load_settings(), topics=topics, repairing=repair_too))
    if as_json:
        for one in found.differences:
            out.print(orjson.dumps(one).decode())
    else:
        _report(found)
    if repair_too:
        err.print(_repaired(marked))
    if found.faults:
        raise typer.Exit(1)


class _Silent:
    """Verification tells nobody anything."""

    async def deliver(self, letters: Sequence[Letter]) -> None:
        raise AssertionError(f"verification was about to send {len(letters)} letters")


async def _verify(settings: Settings, *, topics: bool, repairing: bool) -> tuple[Verified, Mapping[Channel, int]]:
    if topics or repairing:
        await _ensure_drained(settings)
    bundle = read_bundle(settings.bundle)
    async with AsyncExitStack() as stack:
        index = await open_existing_index(settings, bundle.dimensions)
        stack.push_async_callback(index.close)
        outbox: Outbox = _Silent()
        if repairing:
            outbox = KafkaOutbox(await stack.enter_async_context(Publisher(settings)), Topics(settings))
        dependencies = Dependencies(
            index,
            outbox,
            rules_of(bundle),
            generation=settings.generation,
            search_limit=settings.search_limit,
            product_limit=settings.product_limit,
            derive=load_derive(bundle),
        )
        with progress_bar() as progress:
            found = await verify(dependencies, _Bars(progress).told)
        told = await _told(settings) if topics else Told({}, {})
        if topics:
            found.differences.extend(compare_told(found.stored, told.matches, told.products))
        return found, await repair(found.differences, told, dependencies) if repairing else {}


async def _ensure_drained(settings: Settings) -> None:
    behind = {lag.stage: lag.lag for lag in await stage_lags(settings) if lag.lag}
    if behind:
        raise StageBehindError(
            f"generation '{settings.generation}'",
            got=", ".join(f"{stage} {lag} behind" for stage, lag in behind.items()),
            wanted="stages that are done",
            remedy="wait for the workers, or run 'matchstream worker'; see 'matchstream topics show'",
        )


async def _told(settings: Settings) -> Told:
    names = Topics(settings)
    matches: dict[str, MatchEvent] = {}
    products: dict[str, ProductEvent] = {}
    async with aclosing(read_records(settings, names.matches.name, until_end=True)) as records:
        async for record in records:
            event = MatchEvent.from_bytes(record.key, record.value)
            matches[event.listing_id] = event
    async with aclosing(read_records(settings, names.products.name, until_end=True)) as records:
        async for record in records:
            product = ProductEvent.from_bytes(record.key, record.value)
            products[product.product_id] = product
    return Told(matches, products)


class _Bars:
    """A progress bar for each thing that is done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def told(self, doing: str, total: int, more: int) -> None:
        if doing not in self._tasks:
            self._tasks[doing] = self._progress.add_task(doing, total=total or None, note="")
        self._progress.advance(self._tasks[doing], more)


def _report(found: Verified) -> None:
    counts = Counter(one.kind for one in found.differences)
    rows = table("kind", "differences")
    for kind in Kind:
        rows.add_row(kind.value, str(counts[kind]))
    out.print(rows)
    worst = sorted(found.differences, key=lambda one: one.kind is not Kind.FAULT)
    for one in worst[:_SHOWN]:
        out.print(printable(f"{one.kind}: {one.what} of '{one.subject}': {one.words}"))
    if len(worst) > _SHOWN:
        out.print(f"and {len(worst) - _SHOWN} more; --json prints all")
    listings = counted(len(found.stored.raw), "listing")
    products = sum(1 for event in found.stored.products.values() if event["members"] is not None)
    said = f"{counted(found.faults, 'real fault')}" if found.faults else "no real fault"
    out.print(f"{listings} and {counted(products, 'product')} verified: {said}")


def _repaired(marked: Mapping[Channel, int]) -> str:
    if not marked:
        return "nothing to repair"
    said = ", ".join(f"{counted(number, 'listing')} in '{channel}'" for channel, number in marked.items())
    return (
        f"marked again: {said}. Next: let the workers get through ('matchstream topics show'), then verify once more."
    )
