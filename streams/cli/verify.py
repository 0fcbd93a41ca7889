"""`matchstream verify`: whether the live index and what was told are what the reference says."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Annotated

import orjson
import typer
from rich.progress import Progress, TaskID

from encoders.bundle import read_bundle
from encoders.loading import load_derive
from encoders.types import Modality
from streams.bootstrap import KafkaOutbox
from streams.brokers.lag import stage_lags
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.console import counted, err, out, printable, progress_bar, table
from streams.errors import BrokerUnavailableError, StageBehindError, TopicMissingError
from streams.index.opening import open_existing_index, open_reader
from streams.index.port import Index
from streams.index.reading import ReadOnlyIndex
from streams.matching.bundled import rules_of
from streams.reindex.joining import settings_on_roster
from streams.settings import Settings, load_settings
from streams.stages import Audience, Channel, Dependencies, Letter, Outbox
from streams.verification import Kind, Told, Verified, compare_told, repair, verify
from streams.verification.telling import audience_of, read_all_told

_SHOWN = 20


def verify_index(
    generation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which generation to look at, with its bundle and settings.")
    ] = None,
    *,
    topics: Annotated[bool, typer.Option("--topics/--no-topics", help="Look at what was told, too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print each difference as a line of JSON.")] = False,
    repair_too: Annotated[bool, typer.Option("--repair", help="Have what differs derived and told again.")] = False,
) -> None:
    """Compare the live index and the public topics with the reference: plain batch computation over the same truth.

    A generation that is not live is compared with its own topics, where it tells meanwhile.

    Differences are explained: a limit that was reached, an approximate search, rounding at a threshold,
    or a real fault. The exit code is 1 when there is a real fault. The stages have to be done with what
    was published. It may run beside the worker that has an embedded index open.

    With --repair, faults and what searches missed are marked in the topics whose stages mend them; publish
    nothing meanwhile, and let no worker have an embedded index open. The exit code tells what was found: verify
    again when the workers are through.
    """
    settings = load_settings(**({"generation": generation} if generation else {}))
    found, marked = asyncio.run(_verify(settings, chosen=bool(generation), topics=topics, repairing=repair_too))
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


async def _verify(
    settings: Settings, *, chosen: bool, topics: bool, repairing: bool
) -> tuple[Verified, Mapping[Channel, int]]:
    settings, audience = await _on_roster(settings, chosen=chosen, needed=topics or repairing or chosen)
    if topics or repairing:
        await _ensure_drained(settings)
    bundle = read_bundle(settings.bundle)
    async with AsyncExitStack() as stack:
        index = await _opened(settings, bundle.dimensions, writing=repairing)
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
            audience=lambda: audience,
        )
        with progress_bar() as progress:
            found = await verify(dependencies, _Bars(progress).told)
        told = await read_all_told(settings, audience) if topics else Told({}, {})
        if topics:
            found.differences.extend(compare_told(found.stored, told.matches, told.products, gaps=told.gaps))
        return found, await repair(found.differences, told, dependencies) if repairing else {}


async def _opened(settings: Settings, dimensions: Mapping[Modality, int], *, writing: bool) -> Index:
    if writing:
        return await open_existing_index(settings, dimensions)
    return ReadOnlyIndex(await open_reader(settings, dimensions, folder_too=True))


async def _on_roster(settings: Settings, *, chosen: bool, needed: bool) -> tuple[Settings, Audience]:
    """The generation's settings, and who hears it; an index alone can be looked at without a broker that knows."""
    try:
        return await settings_on_roster(settings, chosen=chosen), await audience_of(settings)
    except (TopicMissingError, BrokerUnavailableError) as error:
        if chosen or (needed and isinstance(error, BrokerUnavailableError)):
            raise
        if not needed:
            err.print(f"no broker says which generation is live: '{settings.generation}' is taken for it")
        return settings, Audience.PUBLIC


async def _ensure_drained(settings: Settings) -> None:
    behind = {lag.stage: lag.lag for lag in await stage_lags(settings) if lag.lag}
    if behind:
        raise StageBehindError(
            f"generation '{settings.generation}'",
            got=", ".join(f"{stage} {lag} behind" for stage, lag in behind.items()),
            wanted="stages that are done",
            remedy="wait for the workers, or run 'matchstream worker'; see 'matchstream topics show'",
        )


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
