"""The stages of a worker with all they need: who is live, the index, the topics, the encoder."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from encoders.bundle import Bundle, read_bundle
from encoders.loading import load_derive, load_encoder
from encoders.types import Encoder, Modality
from streams import stages as flow
from streams.bootstrap.encoding import with_encoder
from streams.bootstrap.generations import (
    Reading,
    Stage,
    ThroughAll,
    audience_of,
    promotions,
    read_aside,
    through_all,
    told_who_is_live,
)
from streams.bootstrap.outbox import KafkaOutbox
from streams.brokers.producer import Publisher
from streams.brokers.roster import RosterWatch
from streams.brokers.topics import REFETCH, REFETCHES, Aside, StageName, Topics, group_of
from streams.brokers.waiting import WaitingTopic, doubled
from streams.errors import LEASE_LOST, LeaseLostError
from streams.images import ImageFetcher
from streams.index.opening import open_index, sharing
from streams.index.port import Index
from streams.matching.bundled import rules_of
from streams.reindex.joining import ensure_on_roster
from streams.secrecy import redactor_of
from streams.settings import Settings
from streams.stages import Dependencies
from streams.stages.attempts import Attempts, Process
from streams.stages.contents import Looks
from streams.stages.dependencies import Outbox
from streams.stages.fence import FencedIndex, FencedOutbox
from streams.stages.journals import Journals
from streams.stages.lease import Lease, watched
from streams.stages.observer import SILENT, Observer
from streams.stages.refetch import refetch
from streams.telemetry.batches import logged
from streams.telemetry.tracing import Tracing, tracing

_log = logging.getLogger(__name__)

STAGES = {
    StageName.EMBED: flow.embed,
    StageName.INDEX: flow.index,
    StageName.BLEND: flow.blend,
    StageName.MATCH: flow.match,
    StageName.JUDGE: flow.judge,
    StageName.GROUP: flow.group,
}


@dataclass(frozen=True, slots=True)
class Assembled:
    """What a worker runs.

    Args:
        processes: its stages.
        index: that they read and write.
        bundle: whose encoders and rules they go by.
        lease: of what they have in hand, to be told what becomes of their consumer groups.
        through_all: go through the whole index, for whoever owns the one partition of `regroup`.
        refetching: fetches photos again that could not be had, until it is cancelled; None where nobody asks for it.
        asides: what is read besides while the generation is not live.
        roster: which generation is live; None with the embedded broker, where there is but one.
    """

    processes: Mapping[StageName, Process]
    index: Index
    bundle: Bundle
    lease: Lease
    through_all: Sequence[ThroughAll]
    refetching: Callable[[], Awaitable[None]] | None
    asides: Sequence[Reading]
    roster: RosterWatch | None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a worker is made of and somebody may bring their own of.

    Args:
        open_index: see `streams.index.opening.open_index`.
        load_encoder: see `encoders.loading.load_encoder`.
        observer: who counts what is done.
    """

    open_index: Callable[[Settings, Mapping[Modality, int], str], Awaitable[Index]] = open_index
    load_encoder: Callable[..., Encoder] = load_encoder
    observer: Observer = SILENT


@asynccontextmanager
async def assembled(
    settings: Settings, stages: Sequence[StageName], journals: Journals, parts: Parts | None = None
) -> AsyncIterator[Assembled]:
    """The stages with all they need, closed again at the end. Only the embed stage loads an encoder."""
    parts = parts or Parts()
    bundle = read_bundle(settings.bundle)
    async with AsyncExitStack() as stack:
        stack.enter_context(journals)
        roster = await _roster(settings, bundle)
        audience = partial(audience_of, roster, settings.generation)
        index = await parts.open_index(settings, bundle.dimensions, bundle.digest)
        stack.push_async_callback(index.close)
        await stack.enter_async_context(sharing(settings, index))
        publisher = await stack.enter_async_context(Publisher(settings))
        traced = stack.enter_context(tracing(settings))
        outbox = traced.outbox(KafkaOutbox(publisher, Topics(settings), audience))
        dependencies = _without_encoder(settings, bundle, index, outbox)
        promotion = partial(promotions, roster)
        dependencies = replace(dependencies, audience=audience, promotion=promotion, observer=parts.observer)
        if StageName.INDEX in stages:
            dependencies = replace(dependencies, derive=load_derive(bundle))
        if StageName.EMBED in stages:
            load = partial(parts.load_encoder, bundle)
            dependencies = await with_encoder(dependencies, load, settings, stack)
        lease = Lease(settings.session_timeout_s)
        if not settings.broker_embedded:  # it has one worker, and keeps nothing
            dependencies = _fenced(dependencies, lease, journals, stack)
        attempted = partial(_attempted, dependencies=dependencies, settings=settings, journals=journals, traced=traced)
        processes = {stage: attempted(stage, STAGES[stage]) for stage in stages}
        refetching = await _refetching(dependencies, settings, journals, traced, stack)
        if roster is None:
            yield Assembled(processes, index, bundle, lease, (), refetching, (), None)
            return
        told = told_who_is_live(processes, roster, dependencies.index)
        all_ = await through_all(dependencies, settings, stages, roster, stack)
        asides = [
            Reading(aside, topic, attempted(aside, process))
            for aside, topic, process in read_aside(settings, stages, roster.roster)
        ]
        yield Assembled(told, index, bundle, lease, all_, refetching, asides, roster)


def _without_encoder(settings: Settings, bundle: Bundle, index: Index, outbox: Outbox) -> Dependencies:
    return Dependencies(
        index=index,
        outbox=outbox,
        rules=rules_of(bundle),
        generation=settings.generation,
        search_limit=settings.search_limit,
        product_limit=settings.product_limit,
        looks=Looks.of(bundle),
    )


async def _roster(settings: Settings, bundle: Bundle) -> RosterWatch | None:
    if settings.broker_embedded:
        return None
    await ensure_on_roster(settings, bundle)
    roster = RosterWatch(settings)
    await roster.refresh()
    return roster


def _fenced(dependencies: Dependencies, lease: Lease, journals: Journals, stack: AsyncExitStack) -> Dependencies:
    stack.enter_context(watched(lease, partial(_end_at_once, journals), min(1.0, lease.session_s / 12)))
    index, outbox = FencedIndex(dependencies.index, lease), FencedOutbox(dependencies.outbox, lease)
    return replace(dependencies, index=index, outbox=outbox)


def _end_at_once(journals: Journals, error: LeaseLostError) -> None:
    """A producer sends on what it has in its buffers for as long as its process lives."""
    journals.let_go()
    _log.error("%s", error)
    logging.shutdown()
    os._exit(LEASE_LOST)


async def _refetching(
    dependencies: Dependencies, settings: Settings, journals: Journals, traced: Tracing, stack: AsyncExitStack
) -> Callable[[], Awaitable[None]] | None:
    if not dependencies.image_refetches:
        return None
    # A fetcher of its own: hosts that hang take none of the turns of new listings. One try, for more follow.
    once = settings.model_copy(update={"image_retries": 0})
    dependencies = replace(dependencies, images=await stack.enter_async_context(ImageFetcher(once)))
    group = group_of(settings, REFETCH)
    delays_s = doubled(settings.image_refetch_s, REFETCHES)
    topic = await stack.enter_async_context(WaitingTopic(settings, Topics(settings).refetch.name, group, delays_s))
    process = partial(refetch, dependencies=dependencies)
    journal = journals.of(group)
    attempts = Attempts(StageName.EMBED, process, dependencies.outbox, journals, journal, settings.attempts)
    attempts.observer = dependencies.observer
    return partial(topic.run, logged(REFETCH, traced.over(REFETCH, attempts), settings.generation))


def _attempted(
    stage: StageName | Aside,
    process: Stage,
    *,
    dependencies: Dependencies,
    settings: Settings,
    journals: Journals,
    traced: Tracing,
) -> Process:
    attempts = Attempts(
        stage,
        partial(process, dependencies=dependencies),
        dependencies.outbox,
        journals,
        journals.of(group_of(settings, stage)),
        settings.attempts,
        redact=redactor_of(settings),
        observer=dependencies.observer,
    )
    return traced.over(stage, attempts)
