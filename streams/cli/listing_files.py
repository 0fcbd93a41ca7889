"""Files of listings: one JSON object a line, read as if each line had been published."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import orjson

from streams.brokers.topics import MESSAGE_BYTES
from streams.cli.console import counted
from streams.errors import MatchstreamError, SettingsError, UnreadableEventError
from streams.events import ListingEvent, Message, read_listing_event

FILE_HELP = "Listings, one JSON object per line; '-' reads standard input."

_STDIN = Path("-")
_BOM = b"\xef\xbb\xbf"
# What a message is made of beside its value: the key, headers and the broker's own.
_LINE_BYTES = MESSAGE_BYTES - 8192


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
    """The lines of a JSONL file, empty ones left out; a byte order mark at its beginning is skipped.

    Args:
        file: what to read; '-' is standard input.
        topic: where the lines are to be published.
        images: folder that image paths are relative to; they are looked for there.

    Raises:
        SettingsError: the file can't be read at all.
    """
    if images is not None and not images.is_dir():
        raise SettingsError(f"--images '{images}'", got="no folder", wanted="a folder", remedy="name an existing one")
    with _readable(file) as lines:
        for number, line in enumerate(lines, start=1):
            content = (line.removeprefix(_BOM) if number == 1 else line).strip()
            if content:
                yield _read(number, content, topic, images)


def count_lines(file: Path) -> int | None:
    """How many lines of a file are not empty; None where it can be read only once.

    Raises:
        SettingsError: the file can't be read at all.
    """
    if file == _STDIN or (file.exists() and not file.is_file() and not file.is_dir()):
        return None
    with _readable(file) as lines:
        return sum(1 for line in lines if line.strip())


def left_out(broken: Sequence[BrokenLine]) -> str:
    """How many lines were left out, to be put behind what was done with the others."""
    return f", {counted(len(broken), 'broken line')} left out" if broken else ""


@contextmanager
def _readable(file: Path) -> Iterator[BinaryIO]:
    try:
        with nullcontext(sys.stdin.buffer) if file == _STDIN else file.open("rb") as lines:
            yield lines
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
    if len(line) > _LINE_BYTES:
        raise _broken(f"{len(line)} bytes", f"at most {_LINE_BYTES}", "shorten its texts")
    try:
        value = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise _broken(f"no JSON ({error})", "a JSON object", "write one object per line") from error
    if not isinstance(value, dict):
        raise _broken(f"a JSON {type(value).__name__}", "a JSON object", "write one object per line")
    listing_id = value.get("listing_id")
    if not isinstance(listing_id, str) or not listing_id.strip():
        got = "no listing_id" if listing_id is None else f"listing_id {listing_id!r}"
        raise _broken(got, "a text that names the listing", "give every line one, in quotes")
    return listing_id.encode()


def _broken(got: str, wanted: str, remedy: str) -> UnreadableEventError:
    return UnreadableEventError("listing", got=got, wanted=wanted, remedy=remedy)


def _look_for_image(event: ListingEvent, images: Path | None) -> None:
    """The first photo has to be there; most bundles look at no other, and whoever does goes on without one."""
    photos = event.listing.photos if images and event.listing else ()
    image = next(iter(photos), None)
    if images and image and "://" not in image and not (images / image).is_file():
        raise UnreadableEventError(
            f"listing '{event.listing_id}'",
            got=f"no image '{image}' in '{images}'",
            wanted="a file",
            remedy="check the path, or leave it out",
        )
