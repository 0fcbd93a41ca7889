"""Errors as answers: problem+json for programs, a page for people. Source: RFC 9457."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any, Final

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from encoders.errors import EncoderError
from streams.errors import BrokerUnavailableError, BusyError, IndexUnavailableError, MatchstreamError, UploadError
from streams.web.rendering import page
from streams.web.safety.headers import HEADERS

_KIND: Final = "application/problem+json"
_RETRY_S: Final = "5"

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong. Source: RFC 9457."""

    type: str = Field("about:blank", description="What kind of problem; `about:blank`: what the status says")
    title: str = Field(description="The kind in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What happened, what was wanted, and what to do")


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the document of the interface: that a path may answer with these problems."""
    return {
        one: {
            "description": HTTPStatus(one).phrase,
            "content": {_KIND: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for one in statuses
    }


def answer_with_problems(app: FastAPI) -> None:
    """Have the application answer so whenever a handler fails."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(MatchstreamError, _ours)
    app.add_exception_handler(EncoderError, _no_encoder)
    app.add_exception_handler(Exception, _unexpected)


def problem(request: Request, status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    """One answer: a page where a browser asks for one, and problem+json otherwise."""
    title = HTTPStatus(status).phrase
    if _wants_page(request):
        return page(request, "problem.html", status=status, title=title, detail=detail, code=status, headers=headers)
    body = Problem(type="about:blank", title=title, status=status, detail=detail).model_dump()
    return Response(orjson.dumps(body), status, headers, media_type=_KIND)


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("Accept", "") or request.headers.get("HX-Request") == "true"


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - Starlette hands over what was asked for
    headers = dict(error.headers) if error.headers else None
    return problem(request, error.status_code, str(error.detail), headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - likewise
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or "the request"
    return problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, f"{where}: {first['msg']}")


async def _ours(request: Request, error: Exception) -> Response:
    unavailable = isinstance(error, BrokerUnavailableError | IndexUnavailableError | BusyError)
    status = HTTPStatus.SERVICE_UNAVAILABLE if unavailable else HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, UploadError):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    headers = {"Retry-After": _RETRY_S} if isinstance(error, BusyError) else None
    return problem(request, status, str(error), headers)


async def _no_encoder(request: Request, error: Exception) -> Response:
    """What is missing is told in the log alone: it names folders of this machine."""
    _log.error("web: %s", error)
    detail = (
        "The encoders of the live generation can't be used here; the log says why. Look without searching meanwhile."
    )
    return problem(request, HTTPStatus.SERVICE_UNAVAILABLE, detail)


async def _unexpected(request: Request, _error: Exception) -> Response:
    # Starlette answers so outside of all else that is around the application, what adds the headers included
    return problem(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "Something failed here; the log says what.", dict(HEADERS)
    )
