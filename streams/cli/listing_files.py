"""Files of listings: one JSON object a line, read as if each line had been published."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import orjson

from streams.errors import MatchstreamError, SettingsError, UnreadableEventError
from streams.events import ListingEvent, Message, read_listing_event


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file that can be published."""

    number: int
    event: ListingEvent
    message: Message

    def message_for(self, topic: str) -> Message:
        """The message, for another topic than the file was read for."""
        return replace(self.message, topic=topic)


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """One line that can't be, and why."""

    number: int
    error: MatchstreamError

    def __str__(self) -> str:
        """In one line, with the number of the line."""
        return f"line {self.number}: {self.error}"


def read_lines(file: Path, topic: str, images: Path | None = None) -> Iterator[Line | BrokenLine]:
    """The lines of a JSONL file, empty ones left out.

    Args:
        file: what to read.
        topic: where the lines are to be published.
        images: folder that image paths are relative to; they are looked for there.

    Raises:
        SettingsError: the file can't be read at all.
    """
    if images is not None and not images.is_dir():
        raise SettingsError(f"--images '{images}'", got="no folder", wanted="a folder", remedy="name an existing one")
    try:
        with file.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _read(number, line.strip(), topic, images)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"file '{file}'", got=reason, wanted="a JSONL file", remedy="check the path") from error


def _read(number: int, line: bytes, topic: str, images: Path | None) -> Line | BrokenLine:
    try:
        message = Message(topic, _key(line), line, timestamp_ms=int(time.time() * 1000), offset=number)
        event = read_listing_event(message)
        _look_for_image(event, images)
    except MatchstreamError as error:
        return BrokenLine(number, error)
    return Line(number, event, message)


def _key(line: bytes) -> bytes:
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise UnreadableEventError(
            "listing", got=f"no JSON ({error})", wanted="a JSON object", remedy="write one object per line"
        ) from error
    listing_id = value.get("listing_id") if isinstance(value, dict) else None
    if not isinstance(listing_id, str):
        raise UnreadableEventError(
            "listing", got="no listing_id", wanted="a text that names it", remedy="add one to every line"
        )
    return listing_id.encode()


def _look_for_image(event: ListingEvent, images: Path | None) -> None:
    image = event.listing.image if event.listing else None
    if images is None or image is None or "://" in image:
        return
    if not (images / image).is_file():
        raise UnreadableEventError(
            f"listing '{event.listing_id}'",
            got=f"no image '{image}' in '{images}'",
            wanted="a file",
            remedy="check the path, or leave 'image' out",
        )
