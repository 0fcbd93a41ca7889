"""Where everything is wired: from settings to stages that are ready to run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial

from encoders.bundle import Bundle, read_bundle
from encoders.loading import derive_nothing, load_derive, load_encoder
from encoders.types import Content, Encoded, Encoder, Modality
from streams import stages as flow
from streams.brokers.commits import KafkaBookmark
from streams.brokers.producer import Publisher
from streams.brokers.topics import StageName, Topics, group_of
from streams.images import ImageFetcher
from streams.index.opening import open_index
from streams.matching.bundled import rules_of
from streams.settings import Settings
from streams.stages import Channel, Dependencies, Letter
from streams.stages.attempts import Attempts, Process
from streams.stages.dependencies import Encode
from streams.stages.fence import FencedIndex, FencedOutbox, Lease, beating
from streams.stages.journals import Journals
from streams.stages.sweep import Sweep

STAGES = {
    StageName.EMBED: flow.embed,
    StageName.INDEX: flow.index,
    StageName.BLEND: flow.blend,
    StageName.MATCH: flow.match,
    StageName.JUDGE: flow.judge,
    StageName.GROUP: flow.group,
}


class KafkaOutbox:
    """Sends a stage's letters to the topics of one generation."""

    def __init__(self, publisher: Publisher, topics: Topics) -> None:
        """Send through a publisher that is open."""
        self._publisher = publisher
        self._names = {
            Channel.EMBEDDINGS: topics.embeddings.name,
            Channel.REBLEND: topics.reblend.name,
            Channel.REMATCH: topics.rematch.name,
            Channel.MATCHES: topics.matches.name,
            Channel.REGROUP: topics.regroup.name,
            Channel.PRODUCTS: topics.products.name,
            Channel.DEAD_LETTERS: topics.dead_letters.name,
        }

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """Send them all and return when the broker has every one."""
        sent = [
            await self._publisher.send(self._names[one.channel], one.key, one.value, one.headers) for one in letters
        ]
        await self._publisher.confirmed(sent)


@dataclass(frozen=True, slots=True)
class Assembled:
    """What a worker runs.

    Args:
        processes: its stages.
        sweep: for whoever owns the one partition of `regroup`; None where nothing is swept.
    """

    processes: Mapping[StageName, Process]
    sweep: Sweep | None


@asynccontextmanager
async def assembled(settings: Settings, stages: Sequence[StageName], journals: Journals) -> AsyncIterator[Assembled]:
    """The stages with all they need, closed again at the end. Only the embed stage loads an encoder."""
    bundle = read_bundle(settings.bundle)
    async with AsyncExitStack() as stack:
        stack.enter_context(journals)
        index = await open_index(settings, bundle.dimensions, bundle.digest)
        stack.push_async_callback(index.close)
        publisher = await stack.enter_async_context(Publisher(settings))
        dependencies = Dependencies(
            index=index,
            outbox=KafkaOutbox(publisher, Topics(settings)),
            rules=rules_of(bundle),
            generation=settings.generation,
            search_limit=settings.search_limit,
            product_limit=settings.product_limit,
            derive=load_derive(bundle) if StageName.INDEX in stages else derive_nothing,
        )
        if StageName.EMBED in stages:
            dependencies = await _with_encoder(dependencies, bundle, settings, stack)
        if not settings.broker_embedded:  # it has one worker, and keeps nothing
            dependencies = _fenced(dependencies, settings, stack)
        processes = {stage: _attempted(stage, dependencies, settings, journals) for stage in stages}
        yield Assembled(processes, await _sweep(dependencies, settings, stages, stack))


def _fenced(dependencies: Dependencies, settings: Settings, stack: AsyncExitStack) -> Dependencies:
    lease = Lease(settings.session_timeout_s)
    stack.enter_context(beating(lease))
    index, outbox = FencedIndex(dependencies.index, lease), FencedOutbox(dependencies.outbox, lease)
    return replace(dependencies, index=index, outbox=outbox)


async def _sweep(
    dependencies: Dependencies, settings: Settings, stages: Sequence[StageName], stack: AsyncExitStack
) -> Sweep | None:
    if StageName.GROUP not in stages or settings.broker_embedded or not settings.sweep_period_s:
        return None
    bookmark = await stack.enter_async_context(KafkaBookmark(settings))
    return Sweep(dependencies, bookmark, settings.sweep_period_s)


def _attempted(stage: StageName, dependencies: Dependencies, settings: Settings, journals: Journals) -> Attempts:
    return Attempts(
        stage,
        partial(STAGES[stage], dependencies=dependencies),
        dependencies.outbox,
        journals,
        journals.of(group_of(settings, stage)),
        settings.attempts,
    )


async def _with_encoder(
    dependencies: Dependencies, bundle: Bundle, settings: Settings, stack: AsyncExitStack
) -> Dependencies:
    # One thread: the model's own operations run in parallel, and batches stay in order.
    thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="encoder"))
    load = partial(
        load_encoder,
        bundle,
        device=settings.device,
        torch_threads=settings.torch_threads,
        max_pixels=settings.image_max_pixels,
    )
    encoder = await asyncio.get_running_loop().run_in_executor(thread, load)
    images = await stack.enter_async_context(ImageFetcher(settings)) if Modality.IMAGE in encoder.dimensions else None
    return replace(dependencies, encode=_in_thread(encoder, thread), images=images)


def _in_thread(encoder: Encoder, thread: ThreadPoolExecutor) -> Encode:
    async def encode(contents: Sequence[Content]) -> list[Encoded]:
        return await asyncio.get_running_loop().run_in_executor(thread, encoder.encode, contents)

    return encode
