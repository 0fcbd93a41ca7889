"""Judged pairs: how right the model of each generation is on them by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from encoders.metrics.lists import Rates
from streams.events import Verdict
from streams.reindex.difference.pairs import Pair
from streams.reindex.difference.seen import Seen

_CONFIDENCE: Final = 0.975
"""Of each bound of a 95% interval."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair that a person judged, as both generations see it.

    Args:
        same: whether the person says that it is one product.
        by: who judged it.
        before: how the one sees it.
        after: how the other sees it.
    """

    pair: Pair
    same: bool
    by: str
    before: Seen
    after: Seen

    @property
    def verdict(self) -> Verdict:
        """What the person says."""
        return Verdict.SAME if self.same else Verdict.DIFFERENT

    @property
    def disagreed(self) -> bool:
        """Whether one model alone would match the two and the other would not."""
        return self.before.matched_alone != self.after.matched_alone

    @property
    def mended(self) -> bool:
        """Whether the other one is right and the one wrong."""
        return self.disagreed and self.after.matched_alone == self.same


@dataclass(frozen=True, slots=True)
class Interval:
    """A share with its 95% interval."""

    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class JudgedFigures:
    """How the models compare with the judgements. Judged pairs are no sample of all: people judge what is doubtful.

    Args:
        before: of the one.
        after: of the other.
        different: pairs judged different.
    """

    before: Rates
    after: Rates
    different: int

    @property
    def same(self) -> int:
        """Pairs judged same."""
        return self.before.true


def figures_of(judged: Sequence[Judged]) -> JudgedFigures:
    """Count what each model alone gets right."""
    return JudgedFigures(
        before=_rates((one.same, one.before) for one in judged),
        after=_rates((one.same, one.after) for one in judged),
        different=sum(1 for one in judged if not one.same),
    )


def is_same(verdict: Verdict | None) -> bool | None:
    """What a verdict decides; None where it leaves it open."""
    return {Verdict.SAME: True, Verdict.DIFFERENT: False}.get(verdict) if verdict else None


def interval(right: int, total: int) -> Interval | None:
    """A share of pairs, as sure as so many pairs make it; None of none."""
    from encoders.metrics.intervals import clopper_pearson  # noqa: PLC0415 - it brings SciPy

    if not total:
        return None
    return Interval(right / total, *clopper_pearson(right, total, _CONFIDENCE))


def _rates(seen: Iterable[tuple[bool, Seen]]) -> Rates:
    all_ = list(seen)
    found = [same for same, one in all_ if one.matched_alone]
    return Rates(right=sum(found), found=len(found), true=sum(same for same, _ in all_))
