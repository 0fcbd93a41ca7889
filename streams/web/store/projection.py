"""A part of what the page knows: some tables, and what records of the topics do to them."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

from streams.brokers.topics import Topics
from streams.errors import UnreadableEventError
from streams.events import Message

Event = TypeVar("Event")

_log = logging.getLogger(__name__)

Apply = Callable[[sqlite3.Connection, Sequence[Message]], None]
"""Writes what some records of one topic say; they come in the order of their partitions, each exactly once."""


class Kind(StrEnum):
    """The topics that the page reads."""

    LISTINGS = "listings"
    MATCHES = "matches"
    PRODUCTS = "products"
    JUDGEMENTS = "judgements"
    VOTES = "votes"

    def topic(self, topics: Topics) -> str:
        """Its name on the brokers."""
        return {
            Kind.LISTINGS: topics.listings,
            Kind.MATCHES: topics.matches,
            Kind.PRODUCTS: topics.products,
            Kind.JUDGEMENTS: topics.judgements,
            Kind.VOTES: topics.votes,
        }[self].name


@dataclass(frozen=True, slots=True)
class Projection:
    """Tables of one face of the page.

    Args:
        schema: SQL statements that make its tables and indexes, where they are not there yet.
        applies: what each kind of topic does to them.
        kept: tables that the topics alone could not fill again; they outlive a beginning anew.
    """

    schema: str
    applies: Mapping[Kind, Apply]
    kept: frozenset[str] = field(default_factory=frozenset)


def readable(messages: Iterable[Message], read: Callable[[Message], Event]) -> Iterator[tuple[Message, Event]]:
    """The messages that can be read as events, with them; what somebody else wrote into a topic is left out."""
    for message in messages:
        try:
            yield message, read(message)
        except UnreadableEventError as error:
            _log.warning("web: left out: %s", error)
