"""What a decision on two listings rests on, as reviewers see it."""

from __future__ import annotations

from typing import NamedTuple

from streams.events.matches import Evidence
from streams.web.wording import LOOKED_AT, rule_in_words


class Gauge(NamedTuple):
    """A number to show as a bar, from 0 to 1."""

    name: str
    value: float


class Reasons(NamedTuple):
    """Why a pair is where it is.

    Attributes:
        sentence: the rule in words.
        gauges: the similarities behind it.
    """

    sentence: str
    gauges: tuple[Gauge, ...]


def reasons(similarity: float, evidence: Evidence) -> Reasons:
    """The reasons of a pair that was told, from its combined similarity and its evidence."""
    gauges = [Gauge(words.capitalize(), float(evidence[name])) for name, words in LOOKED_AT.items() if name in evidence]
    if len(gauges) > 1 and similarity >= 0:
        gauges.append(Gauge("Everything together", similarity))
    if "probability" in evidence:
        gauges.append(Gauge("Probability of one product", float(evidence["probability"])))
    rule = rule_in_words(evidence, similarity)
    return Reasons(f"{rule[:1].upper()}{rule[1:]}." if rule else "Nothing is told of why.", tuple(gauges))
