"""What is asked of the page, in numbers."""

from __future__ import annotations

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
"""Whatever whoever asks made up: labels have to be few."""


class CountedRequests:
    """Counts requests by their route, with the time until the answer begins: that of the live page goes on for hours.

    Args:
        app: that answers.
        registry: that the numbers are read by.
    """

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        """Around an application."""
        self._app = app
        labels = ["method", "route", "status"]
        self._requests = Counter("matchstream_http_requests", "Requests that were answered", labels, registry=registry)
        words = "Seconds until an answer began"
        self._seconds = Histogram(
            "matchstream_http_request_seconds", words, ["route"], buckets=_SECONDS, registry=registry
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, counted = time.perf_counter(), False

        async def noted(message: Message) -> None:
            nonlocal counted
            if message["type"] == "http.response.start":
                counted = True
                self._count(scope, message["status"], time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, noted)
        finally:
            if not counted:  # it failed, and Starlette answers for it outside of all that is around the application
                self._count(scope, 500, time.perf_counter() - began)

    def _count(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", OTHER)
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
