"""One line of the log for each batch of a stage, with the ids to follow one listing by."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import orjson

from streams.events import Message
from streams.stages.attempts import Process

_log = logging.getLogger(__name__)


def logged(stage: str, process: Process, generation: str, clock: Callable[[], float] = time.monotonic) -> Process:
    """The same stage, with a line for each batch that is done, or is given up."""

    async def told(messages: Sequence[Message]) -> None:
        if not _log.isEnabledFor(logging.INFO):
            await process(messages)
            return
        began = clock()
        try:
            await process(messages)
        except Exception as error:
            fields = _fields(stage, messages, generation, clock() - began)
            failed = type(error).__name__
            _log.warning("%s, not done: %s", _words(fields), failed, extra={**fields, "error": failed})
            raise
        fields = _fields(stage, messages, generation, clock() - began)
        _log.info("%s", _words(fields), extra=fields)

    return told


def listings_of(messages: Iterable[Message]) -> list[str]:
    """The listings that messages are about, each once: their keys, two in that of a judgement."""
    return list(dict.fromkeys(one for message in messages for one in _ids(message.key or b"")))


def _ids(key: bytes) -> Iterator[str]:
    if key.startswith(b'["'):
        try:
            yield from map(str, orjson.loads(key))
        except ValueError:
            pass
        else:
            return
    yield key.decode("utf-8", "replace")


def _words(fields: dict[str, Any]) -> str:
    count = fields["messages"]
    return f"stage '{fields['stage']}': {count} message{'s' * (count != 1)} in {fields['seconds']:.2f} s"


def _fields(stage: str, messages: Sequence[Message], generation: str, seconds: float) -> dict[str, Any]:
    return {
        "stage": stage,
        "generation": generation,
        "messages": len(messages),
        "seconds": round(seconds, 4),
        "topic": messages[0].topic if messages else "",
        "offsets": _offsets(messages),
        "listings": listings_of(messages),
    }


def _offsets(messages: Sequence[Message]) -> dict[str, list[int]]:
    """The first and the last of each partition."""
    ranges: dict[str, list[int]] = {}
    for one in messages:
        low_high = ranges.setdefault(str(one.partition), [one.offset, one.offset])
        low_high[:] = min(low_high[0], one.offset), max(low_high[1], one.offset)
    return ranges
