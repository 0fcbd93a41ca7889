"""How often an address may ask, and how much it may send."""

from __future__ import annotations

import re
import secrets
import time
from hashlib import blake2b
from http import HTTPStatus
from ipaddress import IPv6Address, IPv6Network, ip_address
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
"""Room for the fields beside an uploaded photo, and for a body without one."""
_COUNTERS: Final = 4_096
"""The limiter goes through all it keeps at each request; so many addresses share what there is."""
_PREFIX: Final = 64
"""Bits of an IPv6 address that its network gives; whoever has one may use any of the others."""
_UTF_8: Final = re.compile(r'(?!.*charset.*charset).*;\s*charset=("?)utf-8\1\s*(;|$)')
_FREE: Final = ("/static/", "/healthz", "/metrics")


class RateLimit:
    """Answers 429 to an address that asks oftener than the settings allow; a quarter of it may be costly.

    Costly is what writes, and what needs an encoder or the index. Photos, of which a page has many, count apart.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Around an application."""
        self._app, self._rate = app, settings.web_rate_per_minute
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._salt = secrets.token_bytes(16)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, or say when to come again."""
        if scope["type"] != "http" or not self._rate or scope["path"].startswith(_FREE):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        address = self._counter(request.client.host if request.client else "unknown")
        for kind, limit in self._limits(request):
            if not await self._limiter.hit(limit, address, kind):
                reset, _ = await self._limiter.get_window_stats(limit, address, kind)
                wait = max(1, round(reset - time.time()))
                detail = f"{limit.amount} requests in a minute from one address at most; wait {wait} s."
                answer = problem(request, HTTPStatus.TOO_MANY_REQUESTS, detail, {"Retry-After": str(wait)})
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _counter(self, address: str) -> str:
        """Which counter an address has; nobody can choose one to share with somebody else."""
        digest = blake2b(_network(address).encode(), key=self._salt, digest_size=4).digest()
        return str(int.from_bytes(digest, "big") % _COUNTERS)

    def _limits(self, request: Request) -> list[tuple[str, RateLimitItem]]:
        path = request.url.path
        if path == "/photo":
            return [("photo", RateLimitItemPerMinute(self._rate * 10))]
        limits: list[tuple[str, RateLimitItem]] = [("all", RateLimitItemPerMinute(self._rate))]
        if request.method not in {"GET", "HEAD"} or path.startswith(_COSTLY):
            limits.append(("costly", RateLimitItemPerMinute(max(1, self._rate // _COSTLY_SHARE))))
        return limits


class SizeLimit:
    """Answers 413 to a body that is larger than a photo may be, and reads no more of it.

    Only forms of several parts can bring a photo; whatever else is sent is short. It is read before anybody looks
    at who sent it, and ten megabytes of JSON would hold up all others for as many seconds.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        """Around an application."""
        self._app, self._photo_bytes = app, settings.web_upload_max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand over what is not too large."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        kind = request.headers.get("Content-Type", "").lower()
        photo = kind.startswith("multipart/")
        if photo and "charset" in kind and not _UTF_8.match(kind):
            # any of Python's codecs would do, and some take minutes for a megabyte
            answer = problem(
                request, HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Forms are read as UTF-8: name no other charset."
            )
            await answer(scope, receive, send)
            return
        most = _FORM_BYTES + (self._photo_bytes if photo else 0)
        detail = f"More than {most} bytes were sent; MATCHSTREAM_WEB_UPLOAD_MAX_BYTES is the limit of a photo."
        stated = request.headers.get("Content-Length", "0")
        if stated.isdigit() and int(stated) > most:
            await problem(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
            return message

        await self._app(scope, counted, send)


def _network(address: str) -> str:
    """Whose address it is, as far as that can be told."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or IPv6Network((found, _PREFIX), strict=False))
