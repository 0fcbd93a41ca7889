"""How a generation sees a pair: in a list or not, how similar, and what its model alone says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from streams.events import Match, MatchEvent
from streams.reindex.difference.pairs import Pair


class Place(StrEnum):
    """Where a pair is."""

    MATCH = "match"
    OVERRULED = "overruled"
    """It would match, if nobody had judged it different."""
    REVIEW = "review"
    NOWHERE = "no"


@dataclass(frozen=True, slots=True)
class Seen:
    """A pair in one generation.

    Args:
        place: the list it is in.
        match: with the numbers there; None where it is in no list.
    """

    place: Place = Place.NOWHERE
    match: Match | None = None

    @property
    def score(self) -> float:
        """What was compared with the threshold: the probability, or else the combined similarity; -1 without."""
        if self.match is None:
            return -1.0
        return float(self.match.evidence.get("probability", self.match.similarity))

    @property
    def matched_alone(self) -> bool:
        """Whether the model matches the two, whatever was judged."""
        if self.place is Place.MATCH and self.match is not None:
            return self.match.evidence.get("unjudged", Place.MATCH) == Place.MATCH
        return self.place is Place.OVERRULED


NOT_SEEN: Final = Seen()


class Sights:
    """What the events of one generation say of some pairs; the last event of a listing counts.

    Args:
        pairs: which.
    """

    def __init__(self, pairs: Iterable[Pair]) -> None:
        """Have seen nothing yet."""
        self._wanted: dict[str, set[str]] = {}
        for one, other in pairs:
            self._wanted.setdefault(one, set()).add(other)
            self._wanted.setdefault(other, set()).add(one)
        self._found: dict[str, Mapping[str, Seen]] = {}

    def wants(self, listing_id: str) -> bool:
        """Whether any of the pairs is of that listing."""
        return listing_id in self._wanted

    def learn(self, event: MatchEvent) -> None:
        """Take over what an event says."""
        wanted = self._wanted.get(event.listing_id, set())
        parts = {Place.REVIEW: event.review, Place.OVERRULED: event.overruled, Place.MATCH: event.matches or ()}
        self._found[event.listing_id] = {
            match.listing_id: Seen(place, match)
            for place, matches in parts.items()
            for match in matches
            if match.listing_id in wanted
        }

    def of(self, pair: Pair) -> Seen:
        """How the pair is seen; a list that was cut may have it on one side only."""
        one, other = pair
        both = [self._found.get(a, {}).get(b, NOT_SEEN) for a, b in ((one, other), (other, one))]
        return min(both, key=lambda seen: list(Place).index(seen.place))
