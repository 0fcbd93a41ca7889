"""What is logged and how: one line for each event of this project; the libraries' own words with `--debug`."""

from __future__ import annotations

import logging
import sys
import threading

from streams.cli.console import warn
from streams.cli.log_lines import JsonLine, Redacted, worded

_OURS = ("streams", "encoders")
_REPEATED_AFTER_S = 60.0
_NEVER = logging.CRITICAL + 1
# Faust tells of a crash once for each of its parts; the worker's last line tells it once.
_TOLD_ELSEWHERE = ("faust", "mode")


def log_to_console(*, debug: bool) -> None:
    """Show warnings of this project between what a command prints, or with `debug` everything there is."""
    handler = _to_stderr(worded(debug=True)) if debug else _warnings()
    _log_with(handler, _Audible(logging.DEBUG if debug else _NEVER))
    logging.getLogger().setLevel(logging.DEBUG if debug else logging.WARNING)


def log_as_worker(level: str, *, debug: bool, as_json: bool = False) -> None:
    """Log for somebody who reads it later: with time and level, and with the libraries' errors."""
    handler = _to_stderr(JsonLine() if as_json else worded(debug=debug))
    _log_with(handler, _Audible(logging.DEBUG if debug else logging.ERROR))
    logging.getLogger().setLevel(logging.DEBUG if debug else level)
    threading.excepthook = _log_thread


class _Audible(logging.Filter):
    """Lets this project's records through, and those of others from a level on, each of these once a minute.

    Kafka's client tells hundreds of times a second that a broker is gone.
    """

    def __init__(self, others: int) -> None:
        super().__init__()
        self._others = others
        self._told: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        package = record.name.partition(".")[0]
        if package in _OURS or self._others == logging.DEBUG:
            return True
        return record.levelno >= self._others and package not in _TOLD_ELSEWHERE and self._is_news(record)

    def _is_news(self, record: logging.LogRecord) -> bool:
        what = (record.name, str(record.msg))
        if record.created - self._told.get(what, 0.0) < _REPEATED_AFTER_S:
            return False
        self._told[what] = record.created
        return True


class _Message(logging.Formatter):
    """What a record says, and nothing around it."""

    def format(self, record: logging.LogRecord) -> str:
        return record.getMessage()


class _Warnings(logging.Handler):
    """Prints what is logged without breaking a progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(self.format(record))


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    kind, error = ended.exc_type.__name__, ended.exc_value
    told = None if error is None else (ended.exc_type, error, ended.exc_traceback)
    logging.getLogger("threading").error("a thread ended with %s: %s", kind, error, exc_info=told)


def _to_stderr(lines: logging.Formatter) -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(lines)
    return handler


def _warnings() -> logging.Handler:
    handler = _Warnings()
    handler.setFormatter(Redacted(_Message()))
    return handler


def _log_with(handler: logging.Handler, audible: logging.Filter) -> None:
    logging.captureWarnings(capture=True)
    handler.addFilter(audible)
    logging.basicConfig(handlers=[handler], force=True)
