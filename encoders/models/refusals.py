"""Every way of not getting a model from the hub, in words and with the remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import get_close_matches

import httpx
from huggingface_hub.errors import (
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from encoders.errors import PullError, reason_of
from encoders.models.choosing import KNOWN

_BY_HAND = "or bring the folder of a machine that has pulled it"
_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO}
_UNAUTHORISED, _FORBIDDEN, _TOO_MANY, _BROKEN = 401, 403, 429, 500


@contextmanager
def in_words(endpoint: str, name: str, revision: str | None) -> Iterator[None]:
    """What goes wrong inside, as an error of ours.

    Args:
        endpoint: of the hub that is asked.
        name: of the model.
        revision: the one that was asked for.

    Raises:
        PullError: something did.
    """
    try:
        yield
    except HFValidationError as error:
        raise PullError(name, "no name of a model", "OWNER/NAME, or a torchvision backbone", _meant(name)) from error
    # A RuntimeError is what the library's own further tries end with: it has closed the connection that they use
    except (
        HfHubHTTPError,
        LocalEntryNotFoundError,
        FileMetadataError,
        httpx.HTTPError,
        OSError,
        RuntimeError,
    ) as error:
        cause = error.__cause__ if isinstance(error, LocalEntryNotFoundError) and error.__cause__ else error
        raise _told(endpoint, name, revision, cause) from error


def _told(endpoint: str, name: str, revision: str | None, cause: BaseException) -> PullError:
    if isinstance(cause, HfHubHTTPError):
        return _refused(endpoint, name, revision, cause)
    if isinstance(cause, OfflineModeIsEnabled):
        return PullError(name, "HF_HUB_OFFLINE is set", "a hub", f"unset it, {_BY_HAND}")
    if isinstance(cause, OSError) and cause.errno in _DISK:
        return PullError(
            name, f"it can't be written ({cause.strerror})", "room for it", "check MATCHSTREAM_MODELS_PATH"
        )
    got = f"{endpoint} does not answer as a hub ({reason_of(cause)})"
    remedy = f"try again and it goes on; check the network and HF_ENDPOINT, {_BY_HAND}"
    return PullError(name, got, "an answer", remedy)


def _refused(endpoint: str, name: str, revision: str | None, error: HfHubHTTPError) -> PullError:
    status = error.response.status_code
    if isinstance(error, GatedRepoError):
        remedy = f"accept its terms at {endpoint}/{name}, and set HF_TOKEN to a token of that account"
        return PullError(name, "its owner asks for consent", "a token of somebody who gave it", remedy)
    if isinstance(error, RevisionNotFoundError):
        wanted, remedy = "a branch, a tag or a commit", f"see {endpoint}/{name}/commits/main"
        return PullError(name, f"it has no revision '{revision}'", wanted, remedy)
    if isinstance(error, RepositoryNotFoundError) or status == _UNAUTHORISED:
        got = f"{endpoint} has no such model, or does not show it"
        return PullError(name, got, "one that can be read", f"{_meant(name)}; a private one needs HF_TOKEN")
    if status == _TOO_MANY:
        remedy = f"try again in {_wait(error)}, or set HF_TOKEN: who is known may ask more"
        return PullError(name, f"{endpoint} says that this address asks too often", "patience", remedy)
    if status == _FORBIDDEN:
        return PullError(name, f"{endpoint} forbids it", "leave to read it", "check what HF_TOKEN may read")
    remedy = "try again later" if status >= _BROKEN else "check HF_ENDPOINT"
    return PullError(name, f"{endpoint} answers {status}", "the model", remedy)


def _meant(name: str) -> str:
    near = get_close_matches(name.casefold(), [known.casefold() for known in KNOWN], n=1, cutoff=0.75)
    found = next((known for known in KNOWN if near and known.casefold() == near[0] and known != name), None)
    return f"did you mean '{found}'?" if found else "check the name ('matchstream models pull --help' has some)"


def _wait(error: HfHubHTTPError) -> str:
    seconds = error.response.headers.get("Retry-After", "")
    return f"{seconds} seconds" if seconds.isdigit() else "some minutes"
