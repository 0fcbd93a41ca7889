"""How many of the matches are right: of the model's alone, and of those told with judgements in force."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, Field

from streams.matching.auditing import Pair, audited, clusters_of

_OF_EACH_BOUND: Final = 0.975
_ONE_SIDED: Final = 0.95


class Share(BaseModel):
    """A share of pairs, with the interval that it lies in with 95% confidence."""

    right: int = Field(description="So many")
    total: int = Field(description="Of so many that were looked at")
    share: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1, description="Lower end of the 95% interval")
    high: float = Field(ge=0, le=1, description="Upper end of the 95% interval")


class Estimate(BaseModel):
    """A share that was not counted but concluded, with the interval that it lies in with 95% confidence."""

    share: float = Field(ge=0, le=1)
    low: float = Field(ge=0, le=1)
    high: float = Field(ge=0, le=1)


class Precision(BaseModel):
    """How many matches are right, as a random sample of them shows it: the audit."""

    matches: int = Field(description="Pairs that the model matches by itself")
    told: int = Field(description="Pairs that are told as matches, judgements in force")
    unsure: int = Field(description="Pairs of the audit that people left open; they are not counted")
    before: Share | None = Field(description="Precision of the model alone; null without an audit")
    after: Estimate | None = Field(description="Precision of what is told; null without an audit")
    at_least: float = Field(ge=0, le=1, description="Precision of the model that is shown: lower bound, 95% confidence")
    target: float = Field(description="The precision wanted")
    missing: int | None = Field(
        description="Further pairs to be audited until the target is shown, if they are like those so far;"
        " null: no number would do"
    )

    @property
    def left(self) -> int:
        """Matches that were not audited yet: where more are missing than there are, all of them will have to do."""
        return max(self.matches - self.unsure - (self.before.total if self.before else 0), 0)


@dataclass(frozen=True, slots=True)
class Matches:
    """The matches of a catalogue, or of one category.

    Args:
        ordered: pairs that the model matches by itself, in the order of the audit, as many as `audited` needs.
        same: pairs judged same.
        different: pairs judged different.
        unsure: pairs that people left open.
        alone: how many pairs the model matches by itself.
        wrong: how many of these are judged different.
        unseen: how many are judged neither same nor different.
        told: how many pairs are told as matches.
    """

    ordered: Sequence[Pair]
    same: Collection[Pair]
    different: Collection[Pair]
    unsure: Collection[Pair]
    alone: int
    wrong: int
    unseen: int
    told: int


def precision_of(matches: Matches, target: float) -> Precision:
    """What the audit says of them; of pairs that share a listing, several say less than as many others."""
    import numpy as np  # noqa: PLC0415 - with what follows a second, which only this page needs

    from encoders.metrics.intervals import Evidence  # noqa: PLC0415 - likewise

    judged = {*matches.same, *matches.different, *matches.unsure}
    sample = audited(matches.ordered, judged)
    decided = [pair for pair in sample if pair not in matches.unsure]
    same = np.array([pair in matches.same for pair in decided], dtype=bool)
    evidence = Evidence.of(same, np.array(clusters_of(decided), dtype=np.intp), np.ones(len(decided)))
    at_least = evidence.lower_bound(_ONE_SIDED)
    before = None
    if decided:
        low, high = evidence.lower_bound(_OF_EACH_BOUND), evidence.upper_bound(_OF_EACH_BOUND)
        before = Share(right=int(same.sum()), total=len(decided), share=evidence.share, low=low, high=high)
    return Precision(
        matches=matches.alone,
        told=matches.told,
        unsure=len(sample) - len(decided),
        before=before,
        after=None if before is None else _after(matches, before),
        at_least=at_least,
        target=target,
        missing=0 if at_least >= target else evidence.missing(target, _ONE_SIDED),
    )


def share_of(right: int, total: int) -> Share | None:
    """A share of pairs that were counted; None of none."""
    from streams.reindex.difference.judged import interval  # noqa: PLC0415 - it brings SciPy

    found = interval(right, total)
    return None if found is None else Share(right=right, total=total, share=found.share, low=found.low, high=found.high)


def _after(matches: Matches, before: Share) -> Estimate | None:
    """What was judged different is no longer told, and what was judged same is right by what people say.

    So of the wrong matches that the model's precision lets expect, those are left that nobody has found.
    """
    if not matches.told:
        return None

    def told(precision: float) -> float:
        wrong = max(0.0, (1 - precision) * matches.alone - matches.wrong)
        return 1 - min(wrong, matches.unseen) / matches.told

    return Estimate(share=told(before.share), low=told(before.low), high=told(before.high))
