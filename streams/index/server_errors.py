"""What goes wrong between this process and a Qdrant server, told as our errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import grpc  # type: ignore[import-untyped]  # ships no types
from qdrant_client.common.client_exceptions import ResourceExhaustedResponse
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from streams.errors import IndexMismatchError, IndexRefusedError, IndexUnavailableError, VectorIndexError

START: Final = (
    "start one with 'docker compose up -d qdrant', name another with MATCHSTREAM_QDRANT_URL, "
    "or do without (MATCHSTREAM_INDEX=embedded)"
)
REFUSALS: Final = (grpc.aio.AioRpcError, UnexpectedResponse)
"""How the client tells that the server answered with an error, over gRPC and over REST."""

_KEY: Final = "set MATCHSTREAM_QDRANT_API_KEY to a key that may read and write"
_REFUSED: Final = {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.UNIMPLEMENTED}
_FORBIDDEN: Final = {grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED}
_HTTP: Final = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    422: grpc.StatusCode.INVALID_ARGUMENT,
}


@contextmanager
def told(server: str) -> Iterator[None]:
    """Tell the client's errors as ours; `server` is what the message says was called.

    Raises:
        IndexUnavailableError: no answer, or one that says to come back later.
        IndexMismatchError: the collection or a point is not there any more.
        IndexRefusedError: the server does not accept the call.
        VectorIndexError: the server wants another key.
    """
    try:
        yield
    except grpc.aio.AioRpcError as error:
        raise _error(server, error.code(), error.details() or "") from error
    except UnexpectedResponse as error:
        code = _HTTP.get(error.status_code or 0, grpc.StatusCode.UNAVAILABLE)
        raise _error(server, code, f"{error.status_code} {error.reason_phrase}") from error
    except (ResponseHandlingException, ResourceExhaustedResponse) as error:
        raise unavailable(server, _first_line(str(error))) from error


def unavailable(server: str, got: str) -> IndexUnavailableError:
    """The error for a server that does not answer, or not in time."""
    return IndexUnavailableError(server, got=got, wanted="a Qdrant server that answers", remedy=START)


def _error(server: str, code: grpc.StatusCode, details: str) -> VectorIndexError:
    got = f"{code.name}: {_first_line(details)}"
    if code in _FORBIDDEN:
        return VectorIndexError(server, got=got, wanted="access", remedy=_KEY)
    if code in _REFUSED:
        return IndexRefusedError(server, got=got, wanted="the call to be accepted", remedy="see the server's log")
    if code is grpc.StatusCode.NOT_FOUND:
        remedy = "restart the worker, which creates what is missing, and publish the listings again"
        return IndexMismatchError(server, got=got, wanted="the collection and its points", remedy=remedy)
    return unavailable(server, got)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0][:200]
