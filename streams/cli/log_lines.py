"""What a line of a log looks like: words for people, JSON for programs, and no secret in either."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from numbers import Integral, Real
from typing import Any, Final

import orjson

from streams.secrecy import redactor_at_hand

_OF_EVERY_RECORD: Final = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "asctime"}
_SHOWN: Final = 3
_LISTINGS: Final = "listings"
"""The field of a record with the ids of the listings that it is about."""


def worded(*, debug: bool = False) -> logging.Formatter:
    """One line a record, whatever it holds; to look for a fault also its logger and tracebacks, as they are."""
    return Redacted(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s") if debug else _Line())


class Redacted(logging.Formatter):
    """A record as another formatter has it, without the secrets of this process."""

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner, self._redact = inner, redactor_at_hand()

    def format(self, record: logging.LogRecord) -> str:
        """The text of a record."""
        return self._redact(self._inner.format(record))


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        ids = getattr(record, _LISTINGS, ())
        told = f"{record.getMessage()}{_some(ids)}"
        return f"{self.formatTime(record)} {record.levelname:<7} {' '.join(told.split())}"


class JsonLine(logging.Formatter):
    """One JSON object a record: what it says, and the fields it was given.

    Secrets are taken out of each text before it is quoted, so that what is left is JSON in any case.
    """

    def __init__(self) -> None:
        super().__init__()
        self._redact = redactor_at_hand()

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        told: dict[str, object] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": " ".join(record.getMessage().split()),
            **{name: value for name, value in record.__dict__.items() if name not in _OF_EVERY_RECORD},
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(_plain(told, self._redact), default=str).decode()


def _some(ids: Sequence[str]) -> str:
    if not ids:
        return ""
    more = len(ids) - _SHOWN
    return f": {', '.join(ids[:_SHOWN])}{f' and {more} more' if more > 0 else ''}"


def _plain(value: Any, redact: Callable[[str], str]) -> Any:
    """The same of what JSON has words for."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral) and abs(int(value)) <= 1 << 53:
        return int(value)
    if isinstance(value, Real) and not isinstance(value, Integral):
        return float(value)
    if isinstance(value, Mapping):
        return dict(_fields(value, redact))
    if isinstance(value, list | tuple):
        return [_plain(one, redact) for one in value]
    return redact(str(value)).encode("utf-8", "replace").decode()


def _fields(values: Mapping[Any, Any], redact: Callable[[str], str]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        yield _plain(str(name), redact), _plain(value, redact)
