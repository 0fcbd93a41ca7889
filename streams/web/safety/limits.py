"""How often an address may ask, and how much it may send."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Final

from fastapi import HTTPException, Request
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.settings import Settings
from streams.web.safety.problems import problem

_COSTLY: Final = ("/search", "/find", "/explanations", "/compare")
"""Paths behind which an encoder or the index works."""
_COSTLY_SHARE: Final = 4
_FORM_BYTES: Final = 64 * 1024
"""Room for the fields beside an uploaded photo."""
_FREE: Final = ("/static/", "/healthz")


class RateLimit:
    """Answers 429 to an address that asks oftener than the settings allow; a quarter of it may be costly.

    Costly is what writes, and what needs an encoder or the index. Photos, of which a page has many, count apart.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Around an application."""
        self._app, self._rate = app, settings.web_rate_per_minute
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or say when to come again."""
        if scope["type"] != "http" or not self._rate or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        address = request.client.host if request.client else "unknown"
        for kind, limit in self._limits(request):
            if not await self._limiter.hit(limit, address, kind):
                reset, _ = await self._limiter.get_window_stats(limit, address, kind)
                wait = max(1, round(reset - time.time()))
                detail = f"{limit.amount} requests in a minute from one address at most; wait {wait} s."
                answer = problem(request, HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _limits(self, request: Request) -> list[tuple[str, RateLimitItem]]:
        path = request.url.path
        if path == "/photo":
            return [("photo", RateLimitItemPerMinute(self._rate * 10))]
        limits: list[tuple[str, RateLimitItem]] = [("all", RateLimitItemPerMinute(self._rate))]
        if request.method not in {"GET", "HEAD"} or path.startswith(_COSTLY):
            limits.append(("costly", RateLimitItemPerMinute(max(1, self._rate // _COSTLY_SHARE))))
        return limits


class SizeLimit:
    """Answers 413 to a body that is larger than a photo may be, and reads no more of it."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Around an application."""
        self._app, self._most = app, settings.web_upload_max_bytes + _FORM_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over what is not too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        stated = request.headers.get("Content-Length", "0")
        if stated.isdigit() and int(stated) > self._most:
            await self._refused(request)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > self._most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._detail)
            return message

        await self._app(scope, counted, send)

    @property
    def _detail(self) -> str:
        return f"More than {self._most} bytes were sent; MATCHSTREAM_WEB_UPLOAD_MAX_BYTES is the limit of a photo."

    def _refused(self, request: Request) -> ASGIApp:
        return problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, self._detail)
