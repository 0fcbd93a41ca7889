"""The two generations that are compared."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from streams.brokers.roster import read_roster
from streams.brokers.topics import Topics
from streams.errors import GenerationInUseError
from streams.events.generations import Generation, Live, Roster
from streams.reindex.joining import known_generation
from streams.reindex.shaping import settings_of
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two.

    Args:
        name: which.
        topic: where its lists are told.
        settings: its own.
    """

    name: str
    topic: str
    settings: Settings


async def sides_of(settings: Settings, name: str) -> tuple[Side, Side]:
    """The live generation and the one of that name.

    Raises:
        UnknownGenerationError: nobody has begun it.
        GenerationInUseError: it can't be compared with the live one.
        BrokerUnavailableError: no broker answers.
    """
    roster = await read_roster(settings)
    other = known_generation(roster, name)
    live = _live(roster, other)
    of_live, of_other = (settings_of(settings, one) for one in (live, other))
    return (
        Side(live.name, Topics(of_live).matches.name, of_live),
        Side(other.name, Topics(of_other).shadow_matches.name, of_other),
    )


def _live(roster: Roster, other: Generation) -> Generation:
    live = roster.live or Live(generation="")
    if not live.target:
        raise _not_beside(other.name, "no generation is live", "run 'matchstream worker' first")
    if other.name in {live.generation, live.coming}:
        raise _not_beside(other.name, "live, or about to be", "see the others: 'matchstream reindex status'")
    if other.name == live.previous:
        again = f"matchstream reindex start NAME --bundle {shlex.quote(other.bundle)}"
        remedy = f"'matchstream reindex rollback' returns to it; to compare, begin one like it: '{again}'"
        raise _not_beside(other.name, f"live until '{live.target}' was promoted", remedy)
    return known_generation(roster, live.generation or live.previous)


def _not_beside(name: str, got: str, remedy: str) -> GenerationInUseError:
    wanted = "one that has told all its lists beside the live one"
    return GenerationInUseError(f"generation '{name}'", got=got, wanted=wanted, remedy=remedy)
