"""What the filters of the live page offer: categories and sellers of what happened."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_MOST: Final = 60
_STORIES: Final = 2_000
"""Of the newest ones; all of them would take as long as the rest of the page."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The most frequent ones, in order of the alphabet."""

    categories: Sequence[str]
    sellers: Sequence[str]


def known(connection: sqlite3.Connection) -> Choices:
    """Of the stories that are kept."""
    return Choices(_most(connection, "category"), _most(connection, "seller_id"))


def _most(connection: sqlite3.Connection, column: str) -> list[str]:
    newest = "t.story_id > (select max(id) from stories) - ?"
    rows = connection.execute(
        f"select l.{column} from story_listings t join listings l using (listing_id)"  # noqa: S608 - names of ours
        f" where {newest} and l.{column} <> '' group by 1 order by count(*) desc limit ?",
        (_STORIES, _MOST),
    )
    return sorted(row[0] for row in rows)
