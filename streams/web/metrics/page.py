"""The path `/metrics`. Nothing in it is secret: no listing, no name, no address."""

from __future__ import annotations

from importlib.metadata import version
from typing import Final

from fastapi import Request, Response
from prometheus_client import CollectorRegistry, Info

from streams.telemetry.registry import CONTENT_TYPE, exposed, new_registry
from streams.web.metrics.known import Knowledge
from streams.web.services import Services

PATH: Final = "/metrics"


def registry_of(services: Services) -> CollectorRegistry:
    """What a page with these services tells."""
    registry = new_registry()
    Info("matchstream_page", "The page's version", registry=registry).info({"version": version("matchstream")})
    registry.register(Knowledge(services))
    return registry


def numbers(request: Request) -> Response:
    """All of it."""
    return Response(exposed(request.app.state.registry), headers={"Content-Type": CONTENT_TYPE})
