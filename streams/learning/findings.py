"""What was learned, and why it was chosen over what else was tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streams.learning.measuring import Figure
from streams.matching.policy import Policy


@dataclass(frozen=True, slots=True)
class Finding:
    """One choice.

    Args:
        choice: what was to be chosen.
        chosen: in words.
        figure: how the chosen did.
        instead: what else was tried, in words, with its mean F1; the best first.
    """

    choice: str
    chosen: str
    figure: Figure
    instead: Sequence[tuple[str, float]] = ()

    def to_json(self) -> dict[str, Any]:
        """As provenance keeps it."""
        tried = {words: round(value, 4) for words, value in self.instead}
        mean, spread = round(self.figure.mean_f1, 4), round(self.figure.spread, 4)
        return {"choice": self.choice, "chosen": self.chosen, "mean_f1": mean, "spread": spread, "instead": tried}


@dataclass(frozen=True, slots=True)
class Learned:
    """Everything learned from a labelled catalogue.

    Args:
        policy: how to compare and decide.
        findings: what was chosen, in order.
        files: what the bundle has to hold besides, by name.
        expected: how similar a listing's nearest ones are; see `streams.matching.drift`.
    """

    policy: Policy
    findings: Sequence[Finding]
    files: Mapping[str, bytes] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)
