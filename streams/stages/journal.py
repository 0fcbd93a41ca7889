"""Which messages a stage has in hand, on disk, so that the next start knows what the last one died of.

A batch is noted before it is worked off and the note removed afterwards. A note that is there at a
start tells of a process that died: its messages are suspects from then on, to be worked off in
smaller company, in the end alone. What was laid aside is remembered too: it may come again, for what
was not committed is read again, and must not end another process. What matters is the death of a
process, not of the machine: nothing is flushed to the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from streams.events import Message

_Place = tuple[int, int, int]
"""Partition, offset and timestamp: a topic that was made anew has the same offsets, but not the same times."""


@dataclass(frozen=True, slots=True)
class Deaths:
    """What the journal knows of one message.

    Args:
        company: how many messages were in hand when a process last died with this one among them, 0 if none did.
        alone: how often it was the only one.
    """

    company: int = 0
    alone: int = 0

    def once_more(self, company: int) -> Deaths:
        """After another death."""
        return Deaths(company, self.alone + (company == 1))


_NONE: Final = Deaths()
_REMEMBERED: Final = 256
"""Messages laid aside, the last ones: far more than one process dies of before it commits."""


class Journal:
    """The notes of one stage, in files that nobody else writes. Made by `streams.stages.journals`."""

    def __init__(self, note: Path) -> None:
        """Read what earlier processes left, and count what they had in hand as deaths, once.

        Args:
            note: the file that is there while something is in hand. Beside it, with the suffix `.known`,
                lies what is known of earlier processes: it changes rarely.
        """
        self._note, self._known = note, note.with_suffix(".known")
        self._noting = True
        self._deaths, self._aside = _read_known(self._known)
        died_with = _places(_read(note) or [])
        for place in died_with:
            self._deaths[place] = self._deaths.get(place, _NONE).once_more(len(died_with))
        if died_with:
            self._remember()
        note.unlink(missing_ok=True)

    def deaths(self, message: Message) -> Deaths:
        """How processes died with this message in hand."""
        return self._deaths.get(_place(message), _NONE)

    def laid_aside(self, message: Message) -> bool:
        """Whether it is in the dead letters already."""
        return _place(message) in self._aside

    @contextmanager
    def in_hand(self, messages: Sequence[Message]) -> Iterator[None]:
        """Note messages for as long as they are worked off, however that ends while this process lives."""
        if self._noting:
            _write(self._note, [_place(one) for one in messages])
        try:
            yield
        finally:
            self._note.unlink(missing_ok=True)

    def settle(self, messages: Sequence[Message]) -> None:
        """Forget the deaths of messages that are done with, and of all before them."""
        if self._deaths and self._forget(messages):
            self._remember()

    def lay_aside(self, message: Message) -> None:
        """Remember that it is in the dead letters."""
        self._forget([message])
        self._aside[_place(message)] = None
        for earliest in list(self._aside)[:-_REMEMBERED]:
            del self._aside[earliest]
        self._remember()

    def let_go(self) -> None:
        """Note nothing any more: this process ends because somebody wants it, whatever it has in hand."""
        self._noting = False
        self._note.unlink(missing_ok=True)

    def _forget(self, messages: Sequence[Message]) -> bool:
        """Whether there was anything to forget."""
        before = len(self._deaths)
        done: dict[int, int] = {}
        for one in messages:
            done[one.partition] = max(one.offset, done.get(one.partition, -1))
        self._deaths = {place: deaths for place, deaths in self._deaths.items() if place[1] > done.get(place[0], -1)}
        return len(self._deaths) < before

    def _remember(self) -> None:
        deaths = [[*place, one.company, one.alone] for place, one in self._deaths.items()]
        _write(self._known, {"deaths": deaths, "aside": list(self._aside)})


def _place(message: Message) -> _Place:
    return message.partition, message.offset, message.timestamp_ms


def _places(rows: Sequence[Sequence[int]]) -> list[_Place]:
    return [(row[0], row[1], row[2]) for row in rows]


def _read_known(file: Path) -> tuple[dict[_Place, Deaths], dict[_Place, None]]:
    """The deaths so far, and what was laid aside, in the order in which it was."""
    stored = _read(file) or {"deaths": [], "aside": []}
    deaths = zip(_places(stored["deaths"]), (Deaths(*one[3:]) for one in stored["deaths"]), strict=True)
    return dict(deaths), dict.fromkeys(_places(stored["aside"]))


def _read(file: Path) -> Any:
    """What a file holds; None where there is none, or where the machine died before it was on the disk."""
    try:
        return orjson.loads(file.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None


def _write(file: Path, content: object) -> None:
    temporary = file.with_suffix(f"{file.suffix}.new")
    temporary.write_bytes(orjson.dumps(content))
    temporary.replace(file)
