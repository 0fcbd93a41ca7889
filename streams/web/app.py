"""The application: every face's paths, the static files, and what goes around all of them."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.responses import FileResponse
from starlette.middleware.trustedhost import TrustedHostMiddleware

from streams.settings import Settings
from streams.web.catalogue.interface import router as catalogue_interface
from streams.web.catalogue.routes import router as catalogue
from streams.web.explaining.routes import router as explaining
from streams.web.live.routes import router as live
from streams.web.metrics import page as metrics
from streams.web.metrics.requests import CountedRequests
from streams.web.rendering import asset_file
from streams.web.review.figures_routes import router as review_figures
from streams.web.review.pages import router as review_pages
from streams.web.review.routes import router as review
from streams.web.safety.entering import router as entering
from streams.web.safety.headers import SecurityHeaders
from streams.web.safety.limits import RateLimit, SizeLimit
from streams.web.safety.problems import Problem, answer_with_problems
from streams.web.search.interface import router as search_interface
from streams.web.search.routes import router as search
from streams.web.services import Services, Used

_ASSETS: Final = frozenset({"style.css", "page.js", "live.js", "htmx.js", "sse.js", "icon.svg", "no-photo.svg"})
_ROUTERS: Final = (
    live,
    catalogue,
    catalogue_interface,
    review_figures,
    review,
    review_pages,
    search,
    search_interface,
    explaining,
    entering,
)
_FOR_A_YEAR: Final = "public, max-age=31536000, immutable"


def create_app(services: Services) -> FastAPI:
    """The application that answers with these services."""
    app = _Application(
        title="matchstream",
        version=version("matchstream"),
        summary="Products, offers, matches and search over listings of many sellers",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.services, app.state.registry = services, metrics.registry_of(services)
    answer_with_problems(app)
    for router in _ROUTERS:
        app.include_router(router)
    app.add_api_route("/static/{name}", _static, include_in_schema=False)
    app.add_api_route("/healthz", _health, include_in_schema=False)
    app.add_api_route(metrics.PATH, metrics.numbers, include_in_schema=False)
    app.add_middleware(SizeLimit, settings=services.settings)
    app.add_middleware(RateLimit, settings=services.settings)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=_hosts(services.settings))
    app.add_middleware(SecurityHeaders)
    app.add_middleware(CountedRequests, registry=app.state.registry)
    return app


def _static(name: str) -> Response:
    if name not in _ASSETS:
        raise HTTPException(404, f"There is no file '{name}' here.")
    kind = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}[name.rsplit(".", 1)[1]]
    return FileResponse(asset_file(name), media_type=kind, headers={"Cache-Control": _FOR_A_YEAR})


def _health(used: Used, _request: Request) -> Response:
    """200 while the page follows the topics."""
    ok = used.standing.connected and used.standing.caught_up
    return Response("ok\n" if ok else "behind\n", 200 if ok else 503, media_type="text/plain")


def _hosts(settings: Settings) -> list[str]:
    """Names that the page answers under: a name of somebody else's that leads here is no way in."""
    further = [name.strip() for name in settings.web_allowed_hosts.split(",") if name.strip()]
    return ["127.0.0.1", "localhost", "[::1]", settings.web_host, *further]


class _Application(FastAPI):
    """One whose document also has the form of problems, where answers refer to it."""

    def openapi(self) -> dict[str, Any]:
        """The document, made when somebody asks for it first."""
        schema = super().openapi()
        schema.setdefault("components", {}).setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        return schema
