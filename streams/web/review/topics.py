"""The figures of review and the judged pairs, read from the topics by somebody who has no page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from streams.events import Verdict
from streams.matching.auditing import Pair
from streams.settings import Settings
from streams.web.catalogue.projection import CATALOGUE
from streams.web.review.figures import Figures, figures_of
from streams.web.review.known import JudgedPair, judged_of, known_of, votes_of
from streams.web.review.projection import REVIEW
from streams.web.store.filling import filled
from streams.web.store.projection import Kind

_PROJECTIONS: Final = (CATALOGUE, REVIEW)
_SAID: Final = (Kind.LISTINGS, Kind.JUDGEMENTS, Kind.VOTES)


@dataclass(frozen=True, slots=True)
class SaidPair:
    """A judged pair to learn from.

    Args:
        votes: how many people said what was decided, at least the one who did without a vote.
        category: of the two, folded; empty without one.
    """

    pair: Pair
    verdict: Verdict
    by: str
    at: str
    votes: int
    category: str

    def to_json(self) -> dict[str, Any]:
        """As a line of a file of pairs."""
        one, other = self.pair
        return {"a": one, "b": other, "verdict": self.verdict, "by": self.by, "at": self.at, "votes": self.votes}


async def read_figures(settings: Settings, target: float) -> Figures:
    """The figures as the topics tell them now.

    Raises:
        TopicMissingError: a topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    async with filled(settings, _PROJECTIONS, (*_SAID, Kind.MATCHES)) as store:
        return figures_of(known_of(store.reading), target)


async def read_said(settings: Settings) -> list[SaidPair]:
    """Every judged pair, in the order of their ids.

    Raises:
        TopicMissingError: a topic does not exist.
        BrokerUnavailableError: no broker answers.
    """
    async with filled(settings, _PROJECTIONS, _SAID) as store:
        votes = Counter((vote.pair, vote.verdict) for vote in votes_of(store.reading))
        return [_said(one, votes) for one in judged_of(store.reading)]


def _said(one: JudgedPair, votes: Counter[tuple[Pair, str]]) -> SaidPair:
    said = max(votes[one.pair, one.verdict], 1)
    return SaidPair(one.pair, one.verdict, one.by, one.at, said, one.category)
