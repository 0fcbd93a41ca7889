"""What a worker does because there may be other generations: whom it tells, what it follows, what it goes through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial

from streams.brokers.commits import SWEEP, TAKEOVER, KafkaBookmark
from streams.brokers.roster import RosterWatch
from streams.brokers.topics import Aside, StageName, Topics
from streams.events.generations import Roster, Step
from streams.index.port import Index
from streams.reindex.progress import copies
from streams.reindex.waiting import TELLING
from streams.settings import Settings
from streams.stages import Audience, Dependencies
from streams.stages.attempts import Process
from streams.stages.barriers import Attentive
from streams.stages.copying import copy
from streams.stages.follow_matches import follow_matches
from streams.stages.follow_products import follow_products
from streams.stages.sweep import Sweep
from streams.stages.takeover import Takeover

Stage = Callable[..., Awaitable[None]]
"""A stage, as in `streams.stages`: a batch of messages, and `dependencies`."""

ThroughAll = Callable[[asyncio.Event], Awaitable[None]]
"""Goes through the whole index while its turn is set, for ever."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A topic that is read while the generation is not live, and by what."""

    aside: Aside
    topic: str
    process: Process


def audience_of(roster: RosterWatch | None, generation: str) -> Audience:
    """Whom a generation tells, as far as is known now."""
    return Audience.PUBLIC if roster is None or roster.roster.is_live(generation) else Audience.SHADOW


def promotions(roster: RosterWatch | None) -> int:
    """How often another generation became live, as far as is known now."""
    return roster.roster.live.promotion if roster is not None and roster.roster.live is not None else 0


def told_who_is_live(
    processes: Mapping[StageName, Process], roster: RosterWatch, index: Index
) -> dict[StageName, Process]:
    """The same stages; those that tell anything keep to barriers."""
    return {
        stage: Attentive(process, roster.refresh, index.backup) if stage in TELLING else process
        for stage, process in processes.items()
    }


def read_aside(settings: Settings, stages: Sequence[StageName], roster: Roster) -> Iterator[tuple[Aside, str, Stage]]:
    """What a worker with these stages reads besides while its generation is not live, from where, and how."""
    followed = Topics(settings).followed()
    if StageName.MATCH in stages:
        yield Aside.FOLLOW_MATCHES, followed[Aside.FOLLOW_MATCHES].name, follow_matches
    if StageName.GROUP in stages:
        yield Aside.FOLLOW_PRODUCTS, followed[Aside.FOLLOW_PRODUCTS].name, follow_products
    begun = roster.generations.get(settings.generation)
    if StageName.INDEX in stages and begun is not None and copies(roster, begun):
        origin = Topics(settings.model_copy(update={"generation": begun.origin})).embeddings.name
        yield Aside.COPY, origin, copy


async def through_all(
    dependencies: Dependencies,
    settings: Settings,
    stages: Sequence[StageName],
    roster: RosterWatch,
    stack: AsyncExitStack,
) -> list[ThroughAll]:
    """The sweep, and the takeover of a generation that becomes live."""
    if StageName.GROUP not in stages:
        return []
    bookmark = await stack.enter_async_context(KafkaBookmark(settings, TAKEOVER))
    due = partial(_takeover_due, roster, settings.generation)
    some: list[ThroughAll] = [Takeover(dependencies, bookmark, due).run]
    if settings.sweep_period_s:
        bookmark = await stack.enter_async_context(KafkaBookmark(settings, SWEEP))
        some.append(Sweep(dependencies, bookmark, settings.sweep_period_s).run)
    return some


async def _takeover_due(roster: RosterWatch, generation: str) -> int:
    def due(now: Roster) -> bool:
        return now.live is not None and now.is_live(generation) and now.live.step is Step.TAKING_OVER

    await roster.until(due)
    live = roster.roster.live
    return live.promotion if live else 0
