"""Choosing how listings are compared: weights, combination, calibrations, blending, vetoes, threshold.

One thing after the other, each by the mean F1 on products that did not choose the threshold. Weights are chosen
with vetoes in force: what these settle, similarities need not.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.types import Modality
from streams.learning.blending import BLENDS, choose_blending
from streams.learning.candidates import Candidates
from streams.learning.curves import fit_curve
from streams.learning.findings import Finding
from streams.learning.ground import Ground
from streams.learning.measuring import Figure, review_from
from streams.learning.vetoing import NEVER, choose_vetoes
from streams.learning.weighing import Weighing
from streams.matching.curves import Curve
from streams.matching.policy import BlendPolicy, Policy
from streams.matching.rows import Floats
from streams.matching.similarity import combine
from streams.matching.variants import VetoKind

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
    policy = policy.changed(
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

    def weighed(self, plain: Policy) -> Policy | None:
        """The policy by the given weights; None where they are to be learned."""
        if not self.keep & {"weights", "combination"}:
            return None
        return plain.changed(weights=self.policy.weights, combination=self.policy.combination)


def _choose_weights(ground: Ground, modalities: Sequence[Modality], given: Given) -> tuple[Policy, Finding]:
    none = BlendPolicy(neighbors=0)
    plain = given.policy.changed(weights=_alike(modalities), blend=none, calibrations={})
    found = ground.candidates(plain, "weights")
    masked, _ = choose_vetoes(ground, found, found.combined)

    def measure(policy: Policy) -> Figure:
        scores = combine(found.single, policy, (len(found),))
        return ground.measure(found, np.where(masked == NEVER, NEVER, scores))

    weighing = Weighing(measure)
    policy = given.weighed(plain) or weighing.choose(plain, modalities)
    return policy, weighing.finding(policy)


def _alike(modalities: Sequence[Modality]) -> dict[Modality, float]:
    """All weigh the same, but words and what stands in for them, which mostly say the same, only together."""
    stand_ins = [modality for modality in modalities if modality.stands_in_for in modalities]
    together = {*stand_ins, *(modality.stands_in_for for modality in stand_ins)}
    return {modality: 0.5 if modality in together else 1.0 for modality in modalities}


def _choose_calibrations(ground: Ground, policy: Policy, found: Candidates) -> tuple[Policy, Finding]:
    """Isotonic curves of every modality, if they bring anything; each fold is measured under the others' curves."""
    plain = ground.measure(found, found.combined)
    same = found.same(ground.catalogue.codes)
    if len(policy.weights) == 1 or not _can_be_learned(ground, policy, found, same):
        return policy, Finding("calibration", "none", plain)
    sides = ground.folds[found.one], ground.folds[found.other]
    scores, times = np.zeros(len(found)), np.zeros(len(found))
    for fold in np.unique(ground.folds).tolist():
        out = (sides[0] == fold) | (sides[1] == fold)
        curved = policy.changed(calibrations=_curves(policy, found, same, ~out))
        scores[out] += combine({m: part[out] for m, part in found.single.items()}, curved, (int(out.sum()),))
        times[out] += 1
    honest = ground.measure(found, scores / np.maximum(times, 1))
    if honest.mean_f1 < plain.mean_f1 + _GAIN:
        return policy, Finding("calibration", "none", plain, [("isotonic", honest.mean_f1)])
    curves = _curves(policy, found, same, np.ones(len(found), dtype=bool))
    return policy.changed(calibrations=curves), Finding("calibration", "isotonic", honest, [("none", plain.mean_f1)])


def _can_be_learned(ground: Ground, policy: Policy, found: Candidates, same: NDArray[np.bool_]) -> bool:
    """Whether there are pairs of one product and of two in each modality, whichever fold is left out."""
    sides = ground.folds[found.one], ground.folds[found.other]
    kept = [(sides[0] != fold) & (sides[1] != fold) for fold in np.unique(ground.folds).tolist()]
    counted = [~np.isnan(found.single[modality]) for modality in policy.weights if modality in found.single]
    return all((there & some & kind).any() for there in counted for some in kept for kind in (same, ~same))


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
