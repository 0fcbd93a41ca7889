"""Pages out of templates. What comes from outside is escaped, always."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_HTMX: Final = {"htmx.js": "htmx-2.min.js", "sse.js": "ext/hx-sse-2.min.js"}
STATIC: Final = Path(str(files("streams.web") / "static"))


def page(
    request: Request,
    template: str,
    *,
    code: int = 200,
    headers: dict[str, str] | None = None,
    **values: Any,
) -> Response:
    """A page, or a part of one, rendered for whoever asks.

    Beside the values, templates know `request`, `person` (who may write, or None) and `asset(name)`.
    """
    services = request.app.state.services
    person = services.sessions.person_of(request)
    html = (
        _environment()
        .get_template(template)
        .render(request=request, person=person, settings=services.settings, standing=services.standing, **values)
    )
    return Response(html, code, headers, media_type="text/html")


def rendered(template: str, **values: Any) -> Markup:
    """A part of a page that is the same for everybody; templates put it into others as it is."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 - escaped by the template


def asset(name: str) -> str:
    """The address of a static file, which changes with its content, so that browsers may keep it."""
    digest = hashlib.blake2b(asset_file(name).read_bytes(), digest_size=6).hexdigest()
    return f"/static/{name}?v={digest}"


@cache
def asset_file(name: str) -> Path:
    """Where a static file lies: ours here, htmx in the package that brings it."""
    if name not in _HTMX:
        return STATIC / name
    found = find_spec("django_htmx")
    if found is None or found.origin is None:
        raise FileNotFoundError("package django-htmx, which brings htmx, is not installed")
    return Path(found.origin).parent / "static" / "django_htmx" / _HTMX[name]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("streams.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = cache(asset)
    return environment
