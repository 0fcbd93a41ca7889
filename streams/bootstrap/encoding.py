"""The encoder of a worker, and where its photos come from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial

from encoders.types import Content, Encoded, Encoder
from streams.bootstrap.encoder_process import EncoderProcess
from streams.brokers.topics import REFETCHES
from streams.images import ImageFetcher
from streams.settings import Settings
from streams.stages import Dependencies
from streams.stages.dependencies import Encode
from streams.stages.observer import Observer


async def with_encoder(
    dependencies: Dependencies, load: Callable[..., Encoder], settings: Settings, stack: AsyncExitStack
) -> Dependencies:
    """The same with what the embed stage needs besides, closed with the stack."""
    load = partial(
        load,
        device=settings.device,
        torch_threads=settings.torch_threads,
        max_pixels=settings.image_max_pixels,
        caption_timeout_s=settings.caption_timeout_s,
    )
    if settings.encoder_process:
        process = await stack.enter_async_context(EncoderProcess(load))
        encode = _in_process(process, dependencies.observer)
    else:
        # One thread: the model's own operations run in parallel, and batches stay in order.
        thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="encoder"))
        encoder = await asyncio.get_running_loop().run_in_executor(thread, load)
        encode = _in_thread(encoder, thread, dependencies.observer)
    at_photos = dependencies.looks.at_photos
    images = await stack.enter_async_context(ImageFetcher(settings)) if at_photos else None
    refetches = REFETCHES if images and settings.image_refetch_s and not settings.broker_embedded else 0
    return replace(dependencies, encode=encode, images=images, image_refetches=refetches)


def _in_thread(encoder: Encoder, thread: ThreadPoolExecutor, observer: Observer) -> Encode:
    def timed(contents: Sequence[Content]) -> list[Encoded]:
        began = time.monotonic()
        try:
            return encoder.encode(contents)
        finally:
            observer.encoder_worked(time.monotonic() - began)

    async def encode(contents: Sequence[Content]) -> list[Encoded]:
        return await asyncio.get_running_loop().run_in_executor(thread, timed, contents)

    return encode


def _in_process(process: EncoderProcess, observer: Observer) -> Encode:
    async def encode(contents: Sequence[Content]) -> list[Encoded]:
        found, seconds = await process.encode(contents)
        observer.encoder_worked(seconds)
        return found

    return encode
