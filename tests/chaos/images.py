"""An image host that answers, answers late, answers 503, or breaks off."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from aiohttp import web

MISSING: Final = "missing"
"""A photo of this thing is never there."""

_SLOW_S: Final = 1.0


class Trouble(StrEnum):
    """What the host does."""

    NONE = "none"
    ERRORS = "errors"
    SLOW = "slow"
    BREAKS_OFF = "breaks off"


def photo(path: str) -> bytes | None:
    """What lies at a path `THING/SHOT`: a photo as the hash encoder reads it, or nothing."""
    thing, _, shot = path.strip("/").partition("/")
    return None if thing == MISSING else f"{thing} {shot}".encode()


class ImageHost:
    """`async with ImageHost() as host`; its `trouble` may change at any time."""

    def __init__(self) -> None:
        self.trouble = Trouble.NONE
        self.troubled = 0
        """How many requests it has not answered as it should."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._get)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    async def _get(self, request: web.Request) -> web.StreamResponse:
        self.troubled += self.trouble is not Trouble.NONE
        if self.trouble is Trouble.ERRORS:
            return web.Response(status=503)
        if self.trouble is Trouble.SLOW:
            await asyncio.sleep(_SLOW_S)
        if self.trouble is Trouble.BREAKS_OFF and request.transport is not None:
            request.transport.abort()
        found = photo(request.path)
        return web.Response(status=404) if found is None else web.Response(body=found, content_type="image/png")
