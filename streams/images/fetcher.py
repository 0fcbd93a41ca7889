"""Fetching images: at most so many at once, each within its time, tried again where that may help."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from aiohttp import ClientSession
from aiohttp.abc import AbstractResolver

from streams.errors import ImageFetchError, ImageUnavailableError
from streams.images.addresses import Address, Judge, why_forbidden
from streams.images.connecting import open_session
from streams.images.download import Download
from streams.images.files import read_image_file
from streams.images.references import is_path, subject
from streams.settings import Settings

_LONGEST_PAUSE_S = 10.0


class ImageFetcher:
    """The image source of production: the web, and the files under the image root.

    Use it as `async with ImageFetcher(settings) as images`, or call `close` at the end. The time
    limit is for each try, from looking up the name to the last byte; waiting for a turn and between
    tries is not counted.

    Args:
        settings: the `image_...` ones are used.
        resolver: what names are resolved with, or None for the operating system.
        judge: decides which addresses may be connected to, unless settings allow private ones.
        pause_s: waited before the second try, on average half of it; doubled before each further one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        resolver: AbstractResolver | None = None,
        judge: Judge = why_forbidden,
        pause_s: float = 0.5,
    ) -> None:
        self._settings, self._resolver, self._pause_s = settings, resolver, pause_s
        self._judge = _allow if settings.image_allow_private else judge
        self._turns = asyncio.Semaphore(settings.image_concurrency)
        self._session: ClientSession | None = None

    async def fetch(self, reference: str) -> bytes:
        """The bytes of one image; see `ImageSource`."""
        reference = reference.strip()
        for retry in range(self._settings.image_retries):
            try:
                return await self._try(reference)
            except ImageUnavailableError:
                await asyncio.sleep(self._pause(retry))
        return await self._try(reference)

    async def fetch_all(self, references: Sequence[str]) -> list[bytes | ImageFetchError]:
        """For each reference the bytes or the error; one that occurs repeatedly is fetched once."""
        distinct = list(dict.fromkeys(references))
        outcomes = await asyncio.gather(*(self._outcome(reference) for reference in distinct))
        by_reference = dict(zip(distinct, outcomes, strict=True))
        return [by_reference[reference] for reference in references]

    async def close(self) -> None:
        """Close the pooled connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def _outcome(self, reference: str) -> bytes | ImageFetchError:
        try:
            return await self.fetch(reference)
        except ImageFetchError as error:
            return error

    async def _try(self, reference: str) -> bytes:
        """One try, in its turn and within its time."""
        timeout_s = self._settings.image_timeout_s
        async with self._turns:
            try:
                async with asyncio.timeout(timeout_s):
                    return await self._get(reference)
            except TimeoutError as error:
                remedy = "it is tried again later, or raise MATCHSTREAM_IMAGE_TIMEOUT_S"
                got = f"not complete after {timeout_s:g} s"
                raise ImageUnavailableError(subject(reference), got=got, wanted="an image", remedy=remedy) from error

    async def _get(self, reference: str) -> bytes:
        settings = self._settings
        if is_path(reference):
            return await asyncio.to_thread(read_image_file, reference, settings.image_root, settings.image_max_bytes)
        if self._session is None:
            self._session = open_session(settings.image_concurrency, self._judge, self._resolver)
        return await Download(reference, settings.image_max_bytes).run(self._session)

    def _pause(self, retry: int) -> float:
        """Seconds before the next try: random, so that those who failed together don't return together."""
        return random.uniform(0.0, min(_LONGEST_PAUSE_S, self._pause_s * 2**retry))  # noqa: S311 - not a secret


def _allow(_: Address) -> None:
    """Let everything through."""
