"""Choosing what each modality weighs.

Those that are encoded are weighed against each other on a grid. One that is derived from them is put beside the
best of these afterwards: a grid over all would be six times as long, and it says much that the others say, so
that then some of them may be left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from encoders.types import Modality
from streams.learning.findings import Finding
from streams.learning.measuring import Figure
from streams.matching.policy import Combination, Policy

_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_GAIN = 0.001
"""What a modality has to bring: each is one more search around every listing."""


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
        derived = [modality for modality in modalities if modality.derived]
        best = self.best(_weighings(plain, [modality for modality in modalities if modality not in derived]))
        for modality in derived:
            best = self._fewest(self.best([best, *_beside(best, modality)]))
        return best

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


def _without(policy: Policy, modality: Modality) -> Policy:
    return policy.changed(weights={one: weight for one, weight in policy.weights.items() if one is not modality})
