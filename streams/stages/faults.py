"""What a message did to a stage, in words that may be kept: bounded, and without values of variables."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePath
from traceback import extract_tb
from typing import Final, Self

_LONGEST_MESSAGE: Final = 300
_LONGEST_TRACEBACK: Final = 8_000
_FRAMES: Final = 25
_CAUSES: Final = 5


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a message was laid aside.

    Args:
        error: the class of the error.
        what: what happened, in words.
        traceback: files, lines and functions, the innermost last; empty where the process died.
    """

    error: str
    what: str
    traceback: str = ""

    @classmethod
    def of(cls, error: Exception, attempts: int, redact: Callable[[str], str]) -> Self:
        """Of what a stage raised at each attempt, in words without what `redact` takes out of a text."""
        kind = type(error).__name__
        message = " ".join(redact(str(error)).split())[:_LONGEST_MESSAGE]
        return cls(kind, f"failed {attempts} times alone: {kind}: {message}", _traceback(error))

    @classmethod
    def of_deaths(cls, deaths: int) -> Self:
        """Of a message that nobody survived."""
        return cls("WorkerDied", f"ended the worker {deaths} times")


def _traceback(error: Exception) -> str:
    told = [line for one in reversed(list(_causes(error))) for line in _lines(one)]
    return "\n".join(told)[-_LONGEST_TRACEBACK:]


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what brought it about, the outermost first."""
    one: BaseException | None = error
    for _ in range(_CAUSES):
        if one is None:
            return
        yield one
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)


def _lines(error: BaseException) -> Iterator[str]:
    for frame in extract_tb(error.__traceback__, limit=-_FRAMES):
        place = "/".join(PurePath(frame.filename).parts[-3:])
        yield f"{place}:{frame.lineno} in {frame.name}: {frame.line}"
    yield type(error).__name__
