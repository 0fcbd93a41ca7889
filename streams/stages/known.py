"""What is known of messages that processes died with, in files: one's own, and those of workers beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from streams.errors import SettingsError

Place = tuple[int, int, int]
"""Partition, offset and timestamp: a topic that was made anew has the same offsets, but not the same times."""


@dataclass(frozen=True, slots=True)
class Deaths:
    """What is known of one message.

    Args:
        company: how many messages were in hand when a process last died with this one among them, 0 if none did.
        alone: how often it was the only one.
    """

    company: int = 0
    alone: int = 0

    def once_more(self, company: int) -> Deaths:
        """After another death."""
        return Deaths(company, self.alone + (company == 1))

    def beside(self, other: Deaths) -> Deaths:
        """Together with what another worker knows: each death is in one file only."""
        companies = [one.company for one in (self, other) if one.company]
        return Deaths(min(companies, default=0), self.alone + other.alone)


NO_DEATHS: Final = Deaths()


@dataclass(frozen=True, slots=True)
class Known:
    """The content of one file.

    Args:
        deaths: of messages that are not done with.
        aside: messages that were laid aside, in the order in which they were.
    """

    deaths: dict[Place, Deaths] = field(default_factory=dict)
    aside: dict[Place, None] = field(default_factory=dict)

    @classmethod
    def of(cls, file: Path) -> Known:
        """What a file says; nothing where there is none."""
        stored = read_json(file) or {"deaths": [], "aside": []}
        deaths = zip(places(stored["deaths"]), (Deaths(*one[3:]) for one in stored["deaths"]), strict=True)
        return cls(dict(deaths), dict.fromkeys(places(stored["aside"])))

    def write(self, file: Path) -> None:
        """Put it there, all or nothing."""
        deaths = [[*place, one.company, one.alone] for place, one in self.deaths.items()]
        write_json(file, {"deaths": deaths, "aside": list(self.aside)})


@dataclass
class Beside:
    """What the other workers that share a folder know; a message that ended one of them may come here next.

    Args:
        folder: of all files.
        pattern: their names, one's own included.
        own: is left out.
    """

    folder: Path
    pattern: str
    own: Path
    _seen: dict[Path, tuple[int, Known]] = field(default_factory=dict, init=False)

    def look(self) -> None:
        """Read what has changed."""
        found = {}
        for file in self.folder.glob(self.pattern):
            if file != self.own and (changed := _changed(file)):
                before = self._seen.get(file)
                found[file] = before if before and before[0] == changed else (changed, Known.of(file))
        self._seen = found

    def deaths(self, place: Place) -> Deaths:
        """All that they know of one message."""
        total = NO_DEATHS
        for _, known in self._seen.values():
            total = total.beside(known.deaths.get(place, NO_DEATHS))
        return total

    def laid_aside(self, place: Place) -> bool:
        """Whether one of them laid it aside."""
        return any(place in known.aside for _, known in self._seen.values())


def places(rows: Sequence[Sequence[int]]) -> list[Place]:
    """As they are kept in files."""
    return [(row[0], row[1], row[2]) for row in rows]


def read_json(file: Path) -> Any:
    """What a file holds; None where there is none, or where the machine died before it was on the disk."""
    try:
        return orjson.loads(file.read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return None


def write_json(file: Path, content: object) -> None:
    """Replace a file at once.

    Raises:
        SettingsError: it can't be written; that is no message's doing.
    """
    temporary = file.with_suffix(f"{file.suffix}.new")
    try:
        temporary.write_bytes(orjson.dumps(content))
        temporary.replace(file)
    except OSError as error:
        raise unwritable(file.parent, error) from error


def unwritable(folder: Path, error: OSError) -> SettingsError:
    """What is wrong with the folder."""
    return SettingsError(
        "setting MATCHSTREAM_ATTEMPTS_PATH",
        got=f"'{folder}' ({error.strerror or type(error).__name__})",
        wanted="a folder that can be written",
        remedy="make room there, or name another; it should outlive a worker that is started again",
    )


def _changed(file: Path) -> int:
    """When, 0 where it is not there any more."""
    try:
        return file.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
