"""Choosing what each modality weighs.

Photo, text and words are weighed against each other on a grid. What lies in a space that photos and titles share is
put beside the best of these afterwards, one after the other: a grid over all would be six times as long for each, and
it says much that the others say, so that then some of them may be left out. At last, where titles that say too little
have captions, a share of the weight of the seller's own words may go to those that stand in for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from encoders.types import Modality
from streams.learning.findings import Finding
from streams.learning.measuring import Figure
from streams.matching.policy import Combination, Policy

_ON_THE_GRID = (
    frozenset({Modality.IMAGE, Modality.TEXT, Modality.LEXICAL}),
    frozenset({Modality.JOINT_IMAGE, Modality.JOINT_TEXT}),
    frozenset({Modality.JOINT}),
)
"""The first of these that there is any of is weighed on the grid; never more than three modalities."""
_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_GAIN = 0.001
"""What a modality has to bring: each is one more search around every listing."""
_MOVED = (0.25, 0.5, 0.75, 1.0)
"""Shares of the weight of the seller's own words that generated ones may get."""


class Weighing:
    """Policies that were tried, each measured once.

    Args:
        measure: how good decisions under a policy's weights are.
    """

    def __init__(self, measure: Callable[[Policy], Figure]) -> None:
        self._measure = measure
        self._tried: dict[str, tuple[Figure, Policy]] = {}

    def best(self, policies: Iterable[Policy]) -> Policy:
        """The best of some, the first of equals."""
        return max(policies, key=lambda policy: self._figure(policy).mean_f1)

    def choose(self, plain: Policy, modalities: Sequence[Modality]) -> Policy:
        """The best weights of some modalities; all else is as in the plain policy."""
        stand_ins = [modality for modality in modalities if modality.stands_in_for in modalities]
        own = [modality for modality in modalities if modality not in stand_ins]
        grid = next(found for some in _ON_THE_GRID if (found := [one for one in own if _place_of(one) in some]))
        best = self.best(_weighings(plain, grid))
        for modality in own:
            if modality not in grid:
                best = self._fewest(self.best([best, *_beside(best, modality)]))
        return self._moved(best, stand_ins)

    def _moved(self, policy: Policy, stand_ins: Sequence[Modality]) -> Policy:
        """With a share of the weight of the seller's own words on what stands in for them, if that brings anything."""
        best = self.best([policy, *_moves(policy, stand_ins)])
        return best if self._figure(best).mean_f1 >= self._figure(policy).mean_f1 + _GAIN else policy

    def _fewest(self, policy: Policy) -> Policy:
        """Without modalities that bring next to nothing."""
        if len(policy.weights) == 1:
            return policy
        best = self.best(_without(policy, modality) for modality in policy.weights)
        enough = self._figure(policy).mean_f1 - _GAIN
        return self._fewest(best) if self._figure(best).mean_f1 > enough else policy

    def finding(self, chosen: Policy) -> Finding:
        """What was chosen, and what else was tried."""
        rest = [(name, figure.mean_f1) for name, (figure, _) in self._tried.items() if name != in_words(chosen)]
        return Finding("weights", in_words(chosen), self._figure(chosen), sorted(rest, key=lambda one: -one[1]))

    def _figure(self, policy: Policy) -> Figure:
        name = in_words(policy)
        if name not in self._tried:
            self._tried[name] = self._measure(policy), policy
        return self._tried[name][0]


def in_words(policy: Policy) -> str:
    """Weights as they are told."""
    if policy.combination is Combination.PRODUCT:
        return f"product of distances of {', '.join(policy.weights)}"
    return " : ".join(f"{modality} {weight:g}" for modality, weight in policy.weights.items())


def _place_of(modality: Modality) -> Modality:
    """Where there are no titles at all, what stands in for their words is weighed like them."""
    return modality.stands_in_for or modality


def _weighings(plain: Policy, modalities: Sequence[Modality]) -> Iterator[Policy]:
    """Each modality beside the first by several shares, and the product of distances, which has no weights."""
    first, *rest = modalities
    shares: list[dict[Modality, float]] = [{first: 1.0}]
    for modality in rest:
        shares = [{**one, modality: share} for one in shares for share in _SHARES]
    for weights in shares:
        yield plain.changed(weights=weights)
    if rest:
        yield plain.changed(weights=dict.fromkeys(modalities, 1.0), combination=Combination.PRODUCT)


def _beside(policy: Policy, modality: Modality) -> Iterator[Policy]:
    """One modality more, by several shares of all the others together; and that one alone."""
    if policy.combination is Combination.PRODUCT:
        yield policy.changed(weights={**policy.weights, modality: 1.0})
    else:
        total = sum(policy.weights.values())
        for share in _SHARES:
            yield policy.changed(weights={**policy.weights, modality: share * total})
    yield policy.changed(weights={modality: 1.0}, combination=Combination.MEAN)


def _moves(policy: Policy, stand_ins: Sequence[Modality]) -> Iterator[Policy]:
    """All stand-ins get the same share. The product of distances has no weights: there it is all or nothing."""
    pairs = [(one.stands_in_for, one) for one in stand_ins if one.stands_in_for in policy.weights]
    for share in _MOVED if policy.combination is Combination.MEAN else _MOVED[-1:]:
        if pairs:
            yield policy.changed(weights=_shifted(policy.weights, dict(pairs), share))


def _shifted(
    weights: Mapping[Modality, float], stand_ins: Mapping[Modality | None, Modality], share: float
) -> dict[Modality, float]:
    shifted: dict[Modality, float] = {}
    for modality, weight in weights.items():
        given = share * weight if modality in stand_ins else 0.0
        shifted |= {modality: weight - given} if given < weight else {}
        shifted |= {stand_ins[modality]: given} if given else {}
    return shifted


def _without(policy: Policy, modality: Modality) -> Policy:
    return policy.changed(weights={one: weight for one, weight in policy.weights.items() if one is not modality})
