"""Which messages a stage has in hand, on disk, so that the next start knows what the last one died of.

A batch is noted before it is worked off and the note removed afterwards. A note that is there at a
start tells of a process that died: its messages are suspects from then on, to be worked off in
smaller company, in the end alone. What was laid aside is remembered too: it may come again, for what
was not committed is read again, and must not end another process. Workers that share a folder share what
they know, for the partition of a worker that died goes to another one first. What matters is the death of
a process, not of the machine: nothing is flushed to the disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from streams.events import Message
from streams.stages.known import NO_DEATHS, Beside, Deaths, Known, Place, places, read_json, write_json

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
        self._note, self._file = note, note.with_suffix(".known")
        self._noting = True
        self._in_hand: list[Sequence[Message]] = []
        self._known = Known.of(self._file)
        self._beside = Beside(note.parent, f"{note.stem.rpartition('.')[0]}.*.known", self._file)
        died_with = places(read_json(note) or [])
        for place in died_with:
            self._known.deaths[place] = self._known.deaths.get(place, NO_DEATHS).once_more(len(died_with))
        if died_with:
            self._remember()
        note.unlink(missing_ok=True)

    def look_beside(self) -> None:
        """Learn what workers that share the folder know by now."""
        self._beside.look()

    def deaths(self, message: Message) -> Deaths:
        """How processes died with this message in hand."""
        place = _place(message)
        return self._known.deaths.get(place, NO_DEATHS).beside(self._beside.deaths(place))

    def laid_aside(self, message: Message) -> bool:
        """Whether it is in the dead letters already."""
        place = _place(message)
        return place in self._known.aside or self._beside.laid_aside(place)

    @contextmanager
    def in_hand(self, messages: Sequence[Message]) -> Iterator[None]:
        """Note messages for as long as they are worked off, however that ends while this process lives.

        What is in hand at the same time is noted together: nobody knows what of it a process dies of.
        """
        self._in_hand.append(messages)
        try:
            self._write_note()
            yield
        finally:
            self._in_hand = [some for some in self._in_hand if some is not messages]
            self._write_note()

    def settle(self, messages: Sequence[Message]) -> None:
        """Forget the deaths of messages that are done with, and of all before them."""
        if self._known.deaths and self._forget(messages):
            self._remember()

    def lay_aside(self, message: Message) -> None:
        """Remember that it is in the dead letters."""
        self._forget([message])
        aside = self._known.aside
        aside[_place(message)] = None
        for earliest in list(aside)[:-_REMEMBERED]:
            del aside[earliest]
        self._remember()

    def let_go(self) -> None:
        """Note nothing any more: this process ends because somebody wants it, whatever it has in hand."""
        self._noting = False
        self._note.unlink(missing_ok=True)

    def _write_note(self) -> None:
        """Also when less is in hand: what is done with must not be blamed."""
        if self._noting and self._in_hand:
            write_json(self._note, [_place(one) for some in self._in_hand for one in some])
        else:
            self._note.unlink(missing_ok=True)

    def _forget(self, messages: Sequence[Message]) -> bool:
        """Whether there was anything to forget."""
        done: dict[int, int] = {}
        for one in messages:
            done[one.partition] = max(one.offset, done.get(one.partition, -1))
        over = [place for place in self._known.deaths if place[1] <= done.get(place[0], -1)]
        for place in over:
            del self._known.deaths[place]
        return bool(over)

    def _remember(self) -> None:
        self._known.write(self._file)


def _place(message: Message) -> Place:
    return message.partition, message.offset, message.timestamp_ms
