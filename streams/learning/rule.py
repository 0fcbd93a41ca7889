"""Choosing how listings are compared: weights, combination, calibrations, blending, vetoes, threshold.

One thing after the other, each by the mean F1 on products that did not choose the threshold. Weights are chosen
with vetoes in force: what these settle, similarities need not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.types import Modality
from streams.learning.blending import BLENDS, choose_blending
from streams.learning.candidates import Candidates
from streams.learning.curves import fit_curve
from streams.learning.findings import Finding
from streams.learning.ground import Ground, changed
from streams.learning.measuring import Figure, review_from
from streams.learning.vetoing import NEVER, choose_vetoes
from streams.matching.curves import Curve
from streams.matching.policy import BlendPolicy, Combination, Policy
from streams.matching.rows import Floats
from streams.matching.similarity import combine
from streams.matching.variants import VetoKind

_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_GAIN = 0.001
"""What makes things harder has to bring so much."""


def choose_rule(
    ground: Ground, modalities: Sequence[Modality], start: Policy, keep: Collection[str] = ()
) -> tuple[Policy, list[Finding]]:
    """The best policy without a scorer, and how it was found; what is to be kept is as in `start`."""
    given = Given(start, frozenset(keep))
    policy, weighed = _choose_weights(ground, modalities, given)
    policy, drawn = choose_blending(ground, policy, [start.blend] if "blend" in keep else BLENDS)
    found = ground.candidates(policy, "candidates")
    policy, calibrated = _choose_calibrations(ground, policy, found)
    scores = combine(found.single, policy, (len(found),))
    vetoed, kinds = choose_vetoes(ground, found, scores)
    figure = ground.measure(found, vetoed)
    match = round(figure.threshold, 4)
    policy = changed(
        policy,
        vetoes=sorted(kinds),
        match_threshold=match,
        review_threshold=review_from(found, vetoed, ground.catalogue.codes, match),
        sure_thresholds={},
    )
    rule = Finding("threshold", f"combined >= {figure.threshold:.3f}", figure)
    return policy, [weighed, drawn, calibrated, _of_vetoes(ground, found, scores, kinds, figure), rule]


@dataclass(frozen=True, slots=True)
class Given:
    """What is not learned."""

    policy: Policy
    keep: frozenset[str]

    def weighings(self, plain: Policy, modalities: Sequence[Modality]) -> Iterator[Policy]:
        """The weights to try."""
        if self.keep & {"weights", "combination"}:
            return iter([changed(plain, weights=self.policy.weights, combination=self.policy.combination)])
        return _weighings(plain, modalities)


def _choose_weights(ground: Ground, modalities: Sequence[Modality], given: Given) -> tuple[Policy, Finding]:
    none = BlendPolicy(neighbors=0)
    plain = changed(given.policy, weights=dict.fromkeys(modalities, 1.0), blend=none, calibrations={})
    found = ground.candidates(plain, "weights")
    masked, _ = choose_vetoes(ground, found, found.combined)
    tried: dict[str, tuple[Figure, Policy]] = {}
    for policy in given.weighings(plain, modalities):
        scores = np.where(masked == NEVER, NEVER, combine(found.single, policy, (len(found),)))
        tried[_weights_in_words(policy)] = ground.measure(found, scores), policy
    name = max(tried, key=lambda one: tried[one][0].mean_f1)
    figure, policy = tried[name]
    return policy, Finding("weights", name, figure, _others(tried, name))


def _weighings(plain: Policy, modalities: Sequence[Modality]) -> Iterator[Policy]:
    """Each modality beside the first by several shares, and the product of distances, which has no weights."""
    if len(modalities) == 1:
        yield plain
        return
    first, *rest = modalities
    shares: list[dict[Modality, float]] = [{first: 1.0}]
    for modality in rest:
        shares = [{**one, modality: share} for one in shares for share in _SHARES]
    for weights in shares:
        yield changed(plain, weights=weights)
    yield changed(plain, combination=Combination.PRODUCT)


def _choose_calibrations(ground: Ground, policy: Policy, found: Candidates) -> tuple[Policy, Finding]:
    """Isotonic curves of every modality, if they bring anything; each fold is measured under the others' curves."""
    plain = ground.measure(found, found.combined)
    if len(policy.weights) == 1:
        return policy, Finding("calibration", "none", plain)
    same = found.same(ground.catalogue.codes)
    sides = ground.folds[found.one], ground.folds[found.other]
    scores, times = np.zeros(len(found)), np.zeros(len(found))
    for fold in np.unique(ground.folds).tolist():
        out = (sides[0] == fold) | (sides[1] == fold)
        curved = changed(policy, calibrations=_curves(policy, found, same, ~out))
        scores[out] += combine({m: part[out] for m, part in found.single.items()}, curved, (int(out.sum()),))
        times[out] += 1
    honest = ground.measure(found, scores / np.maximum(times, 1))
    if honest.mean_f1 < plain.mean_f1 + _GAIN:
        return policy, Finding("calibration", "none", plain, [("isotonic", honest.mean_f1)])
    curves = _curves(policy, found, same, np.ones(len(found), dtype=bool))
    return changed(policy, calibrations=curves), Finding("calibration", "isotonic", honest, [("none", plain.mean_f1)])


def _curves(
    policy: Policy, found: Candidates, same: NDArray[np.bool_], learned: NDArray[np.bool_]
) -> dict[Modality, Curve]:
    counted = [modality for modality in policy.weights if modality in found.single]
    return {modality: fit_curve(found.single[modality][learned], same[learned]) for modality in counted}


def _of_vetoes(
    ground: Ground, found: Candidates, scores: Floats, kinds: frozenset[VetoKind], figure: Figure
) -> Finding:
    without = ground.measure(found, scores).mean_f1
    return Finding("vetoes", ", ".join(sorted(kinds)) or "none", figure, [("none", without)])


def _weights_in_words(policy: Policy) -> str:
    if policy.combination is Combination.PRODUCT:
        return "product of distances"
    return " : ".join(f"{modality} {weight:g}" for modality, weight in policy.weights.items())


def _others(tried: Mapping[str, tuple[Figure, Policy]], chosen: str) -> list[tuple[str, float]]:
    rest = [(name, figure.mean_f1) for name, (figure, _) in tried.items() if name != chosen]
    return sorted(rest, key=lambda one: -one[1])
