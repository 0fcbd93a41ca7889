"""What waits for a person: the next pair, how many there are, and what the person has done."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_OPEN: Final = "audit = :audit and judged = 0{wanted}"
_MINE: Final = "select 1 from votes where one = queue.one and other = queue.other and by = :person"
_THERE: Final = "select 1 from listings where listing_id = queue.{} and listed"
_NEXT: Final = (
    f"select one, other, category, joined, votes from queue where {_OPEN} and not exists ({_MINE})"  # noqa: S608 - text of ours
    f" and exists ({_THERE.format('one')}) and exists ({_THERE.format('other')})"
    " order by votes desc, place, one, other limit 1"
)
_ALL: Final = f"(select count(*) from queue where {_OPEN})"  # noqa: S608 - likewise
_VOTED: Final = (
    " - (select count(*) from votes cross join queue using (one, other)"
    " where by = :person and +audit = :audit and +judged = 0{wanted})"
)
"""What is taken off for a person; a pair has far fewer votes of one person than there are pairs."""


class Queue(StrEnum):
    """Which pairs somebody looks at."""

    UNDECIDED = "undecided"
    """Pairs that nobody decided, those first whose verdict teaches most."""

    AUDIT = "audit"
    """Matches that were told, drawn by lot."""


@dataclass(frozen=True, slots=True)
class Pick:
    """What a person wants to see.

    Args:
        person: whose own votes are left out; empty for anybody.
        category: of the pair's first listing; None for all.
    """

    queue: Queue = Queue.UNDECIDED
    person: str = ""
    category: str | None = None

    def values(self) -> dict[str, str | bool | None]:
        """For the statements."""
        return {"audit": self.queue is Queue.AUDIT, "person": self.person, "category": self.category}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pair that waits.

    Args:
        joined: how many listings a `same` would bring into one product; 1 where they are in one.
        votes: how many people have voted on it.
    """

    one: str
    other: str
    category: str | None
    joined: int
    votes: int


def next_pair(connection: sqlite3.Connection, pick: Pick) -> Waiting | None:
    """The pair that a person should see next.

    It is not judged, this person has not voted on it, and both listings are there. Where several people vote on
    each pair, those come first that are nearest to a decision; then the most informative, or in the audit those
    with the lowest lot.
    """
    row = connection.execute(_NEXT.format(wanted=_wanted(pick)), pick.values()).fetchone()
    return None if row is None else Waiting(*row)


def waiting_pairs(connection: sqlite3.Connection, pick: Pick) -> int:
    """How many pairs wait for a person."""
    text = _ALL.format(wanted=_wanted(pick)) + (_VOTED.format(wanted=_wanted(pick)) if pick.person else "")
    found: int = connection.execute(f"select {text}", pick.values()).fetchone()[0]
    return found


def categories(connection: sqlite3.Connection, queue: Queue) -> list[str]:
    """The categories of pairs that wait for anybody."""
    rows = connection.execute(
        "select distinct category from queue where audit = ? and judged = 0 and category is not null order by category",
        (queue is Queue.AUDIT,),
    )
    return [row[0] for row in rows]


def votes_since(connection: sqlite3.Connection, person: str, since: str) -> int:
    """How many verdicts of a person count that were given since then, a time in ISO 8601."""
    text = "select count(*) from votes where by = ? and at >= ?"
    found: int = connection.execute(text, (person, since)).fetchone()[0]
    return found


def _wanted(pick: Pick) -> str:
    """The condition on the category, in words that an index can be used for."""
    return "" if pick.category is None else " and category = :category"
