"""One file by plain HTTP, which goes on where it was cut."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx

from encoders.errors import PullError

_TIMEOUT_S = 30.0
_TRIES = 5
_CHUNK = 1 << 20
_PARTIAL, _BEYOND = 206, 416


def size_at(model: str, url: str) -> int:
    """Bytes of a file, 0 if the server does not say.

    Raises:
        PullError: it can't be had.
    """
    try:
        answer = httpx.head(url, follow_redirects=True, timeout=_TIMEOUT_S, headers={"Accept-Encoding": "identity"})
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise _failed(model, url, error) from error
    return int(answer.headers.get("Content-Length", 0))


def fetch(model: str, url: str, path: Path, tell: Callable[[int], None]) -> None:
    """Fetch a file; what is there of it already is not fetched again.

    Args:
        model: whose it is, for the error message.
        url: where it is.
        path: where to.
        tell: is told how many bytes are here.

    Raises:
        PullError: it can't be had.
    """
    for left in reversed(range(_TRIES)):
        try:
            return _go_on(url, path, tell)
        except httpx.HTTPError as error:
            if not left or isinstance(error, httpx.HTTPStatusError):
                raise _failed(model, url, error) from error
    return None


def _go_on(url: str, path: Path, tell: Callable[[int], None]) -> None:
    here = path.stat().st_size if path.exists() else 0
    headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={here}-"} if here else {})}
    with httpx.stream("GET", url, headers=headers, follow_redirects=True, timeout=_TIMEOUT_S) as answer:
        if here and answer.status_code == _BEYOND:
            return  # it was whole; whoever asked looks at its digest
        answer.raise_for_status()
        here = here if answer.status_code == _PARTIAL else 0
        with path.open("ab" if here else "wb") as file:
            for chunk in answer.iter_bytes(_CHUNK):
                file.write(chunk)
                here += len(chunk)
                tell(here)


def _failed(model: str, url: str, error: httpx.HTTPError) -> PullError:
    host = httpx.URL(url).host
    if isinstance(error, httpx.HTTPStatusError):
        return PullError(model, f"{host} answers {error.response.status_code}", "its weights", "try again later")
    reason = str(error).strip().split("\n", 1)[0] or type(error).__name__
    remedy = "try again and it goes on; check the network, or bring the folder of a machine that has pulled it"
    return PullError(model, f"{host} does not answer ({reason})", "an answer", remedy)
