"""How a failure is told: one line with the remedy, or all there is to know about it."""

from __future__ import annotations

import logging
import sys
import traceback as tracebacks
from types import TracebackType

from encoders.errors import EncoderError
from streams.cli.console import err, printable
from streams.errors import MatchstreamError
from streams.secrecy import redactor_at_hand

DEBUG = "--debug"
PREFIX = "error: "

_log = logging.getLogger(__name__)


def say(kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    """Tell a failure in one line; made for `sys.excepthook`."""
    told = str(error)
    if not _foreseen(kind):
        told = f"unexpected {kind.__name__}: {error}; run it again with {DEBUG}, and report what it says"
    told = redactor_at_hand()(told)
    err.print(printable(PREFIX + " ".join(told.split())), style="red")


def say_all(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Tell a failure with its traceback, but none of this process's secrets; made for `sys.excepthook`."""
    told = "".join(tracebacks.format_exception(kind, error, traceback))
    sys.stderr.write(redactor_at_hand()(told))


def say_for_the_log(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Likewise, after the traceback of what nobody foresaw: a worker can't be run again as it was."""
    if not _foreseen(kind):
        say_all(kind, error, traceback)
    say(kind, error, traceback)


def log_failure(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Tell a failure as a record of the log, where programs read that; made for `sys.excepthook`."""
    foreseen = _foreseen(kind)
    told = str(error) if foreseen else f"unexpected {kind.__name__}: {error}"
    details = None if foreseen else (kind, error, traceback)
    _log.critical("%s%s", PREFIX, told, exc_info=details, extra={"error": kind.__name__})


def _foreseen(kind: type[BaseException]) -> bool:
    return issubclass(kind, MatchstreamError | EncoderError)
