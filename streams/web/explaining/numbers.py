"""The numbers of a decision as a page shows them: rows, bars, and what they mean in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from streams.matching.decision import Outcome
from streams.matching.explanation import Explanation
from streams.matching.policy import NEVER
from streams.matching.policy_words import policy_in_words
from streams.stages.explaining import Explained
from streams.web.wording import LOOKED_AT, percent, threshold_in_words

BAR: Final = 100
"""Length of a bar on either side of the middle."""
_OUTCOMES: Final = {Outcome.MATCH: "Match", Outcome.REVIEW: "For people to decide", Outcome.NO: "No match"}


@dataclass(frozen=True, slots=True)
class Similarity:
    """One row of the table: how alike the two are in one thing that is looked at.

    Args:
        raw: as they were encoded.
        blended: after each was drawn to its neighbors; this one counts.
        worth: what that was found to be worth; None where it counts as it is.
        weight: among the others; None where it has none.
    """

    name: str
    raw: float
    blended: float
    worth: float | None
    weight: str


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one comparison adds to the log odds.

    Args:
        meaning: of the comparison, in words.
        start: of its bar, from 0 to twice `BAR`.
        length: of its bar.
    """

    name: str
    meaning: str
    value: float
    start: float
    length: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The score on its way from 0 to 1.

    Args:
        name: of the score.
        shown: its value in words.
        marks: name and place of each threshold that a score may reach.
    """

    name: str
    value: float
    shown: str
    marks: Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Numbers:
    """All of a decision.

    Args:
        outcome: in words.
        because: what decided, in words.
        contributions: the largest first; none without a pair scorer.
        policy: how the bundle decides, line by line.
    """

    outcome: str
    because: str
    similarities: list[Similarity]
    combined: Similarity
    scale: Scale
    contributions: Sequence[Contribution]
    policy: Sequence[tuple[str, str]]


def numbers_of(explained: Explained) -> Numbers:
    """Those of two listings."""
    found, policy = explained.found, explained.rules.policy
    return Numbers(
        outcome=_OUTCOMES[found.outcome],
        because=_because(explained),
        similarities=_similarities(explained),
        combined=Similarity("all together", explained.raw_combined, found.combined, None, policy.combination.value),
        scale=_scale(explained),
        contributions=_contributions(found.contributions),
        policy=list(policy_in_words(policy)),
    )


def _because(explained: Explained) -> str:
    found, judgement = explained.found, explained.judgement
    if found.reason.startswith("judged"):
        by = judgement.by if judgement and judgement.by else "Somebody"
        return f"{by} judged them {found.reason.removeprefix('judged ')}, and a judgement stands above all numbers."
    if found.reason.startswith("vetoed: "):
        return f"They contradict each other, whatever their score: {found.reason.removeprefix('vetoed: ')}."
    if found.reason.startswith("not compared"):
        least = explained.rules.policy.candidates
        return f"All together they are {found.combined:.2f} alike; only from {least:g} on two listings are looked at."
    return _by_score(found, scored=explained.rules.scorer is not None)


def _by_score(found: Explanation, *, scored: bool) -> str:
    score = f"They are {percent(found.score)} likely the same" if scored else f"They are {found.score:.4f} alike"
    match, review = found.thresholds.match, found.thresholds.review
    name = "probability" if scored else "combined"
    if found.reason.startswith("one modality is sure"):
        return f"{score}, and one thing is enough by itself: {found.reason.partition(': ')[2]}."
    enough = (
        "and no score matches by itself here"
        if match == NEVER
        else f"and a match takes {threshold_in_words(name, match)}"
    )
    if found.outcome is Outcome.NO:
        look = "" if review is None else f", a look by people {threshold_in_words(name, review)}"
        return f"{score}, {enough}{look}."
    return f"{score}, {enough}."


def _similarities(explained: Explained) -> list[Similarity]:
    found, policy = explained.found, explained.rules.policy
    rows = []
    for modality, value in found.blended.items():
        worth, weight = found.worth[modality], policy.weights.get(modality)
        calibrated = worth if modality in policy.calibrations else None
        name = LOOKED_AT.get(modality.value, modality.value)
        rows.append(
            Similarity(name, explained.raw[modality], value, calibrated, "" if weight is None else f"{weight:g}")
        )
    return rows


def _scale(explained: Explained) -> Scale:
    found = explained.found
    thresholds = [("match", found.thresholds.match), ("review", found.thresholds.review)]
    marks = [(name, value) for name, value in thresholds if value is not None and value != NEVER]
    name = "similarity" if explained.rules.scorer is None else "probability"
    return Scale(name, min(max(found.score, 0.0), 1.0), f"{found.score:.4f}", marks)


def _contributions(found: Mapping[str, float]) -> list[Contribution]:
    if not found:
        return []
    from streams.matching.scoring import COMPARISONS, START  # noqa: PLC0415 - LightGBM takes a second

    meanings = {name: COMPARISONS[name].meaning for name in COMPARISONS.names} | {START: "Where every pair starts."}
    most = max(map(abs, found.values())) or 1.0
    return [
        Contribution(name, meanings.get(name, ""), value, BAR + min(value, 0.0) / most * BAR, abs(value) / most * BAR)
        for name, value in found.items()
    ]
