"""The pages `/healthz` and `/readyz` of a worker: 200 or 503, and why, as JSON; and `/metrics` for Prometheus."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from prometheus_client import CollectorRegistry

from streams.errors import SettingsError
from streams.health.telling import Health, life, readiness
from streams.health.watch import Watch
from streams.settings import Settings
from streams.telemetry.registry import CONTENT_TYPE, exposed

_PAGES: Final = {"/healthz": life, "/readyz": readiness}
_CLOSES_WITHIN_S: Final = 1.0

_log = logging.getLogger(__name__)


@asynccontextmanager
async def health_pages(
    watch: Watch, settings: Settings, registry: CollectorRegistry | None = None
) -> AsyncIterator[None]:
    """Serve the pages meanwhile, where settings name a port for them.

    Args:
        watch: what is told.
        settings: of the worker.
        registry: what it counts; without one there is no page of that.

    Raises:
        SettingsError: the port can't be had.
    """
    if not settings.health_port:
        yield
        return
    runner = web.AppRunner(_application(watch, registry), access_log=None, shutdown_timeout=_CLOSES_WITHIN_S)
    await runner.setup()
    try:
        await _listen(runner, settings)
        yield
    finally:
        await runner.cleanup()


def _application(watch: Watch, registry: CollectorRegistry | None) -> web.Application:
    application = web.Application()
    if registry is not None:
        application.router.add_get("/metrics", _numbers(registry))
    for path, tell in _PAGES.items():
        application.router.add_get(path, _page(watch, tell))
    return application


def _page(watch: Watch, tell: Callable[[Watch], Health]) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        health = tell(watch)
        return web.Response(
            body=orjson.dumps(health),
            status=200 if health.ok else 503,
            content_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    return answer


def _numbers(registry: CollectorRegistry) -> Handler:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(body=exposed(registry), headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"})

    return answer


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    host, port = settings.health_host, settings.health_port
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingsError(
            "setting MATCHSTREAM_HEALTH_PORT",
            got=f"port {port} of {host} ({_reason(error)})",
            wanted="a port that this worker can have",
            remedy="give each worker of a machine one of its own, check MATCHSTREAM_HEALTH_HOST, or set 0 for none",
        ) from error
    _log.info("health: http://%s:%d/healthz, /readyz and /metrics", f"[{host}]" if ":" in host else host, port)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
