"""What is compared with what: the rules as they are, and the same with one part left out or changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from encoders.types import Modality
from streams.matching.policy import BlendPolicy, Combination, Policy
from streams.matching.variants import VetoKind

_STEPS = (2, 3)
_NEIGHBORS = (3, 5, 10, 20)

_SHARED = (Modality.JOINT_IMAGE, Modality.JOINT_TEXT, Modality.JOINT)
"""What lies in a space that photos and titles share."""

BASE = "as the bundle says"
RULE = "without scorer"
NO_BLENDING = "without blending"
BLENDING = "with blending"
"""Of rules that have none."""


@dataclass(frozen=True, slots=True)
class Variation:
    """One way of comparing and deciding.

    Args:
        name: in words, as tables show it.
        policy: what it goes by; only its thresholds are left to be chosen.
        against: the name of the variation it is to be compared with; empty for the first.
        steps: how often neighborhoods are blended.
        query_only: whether a blended listing is compared with raw ones.
    """

    name: str
    policy: Policy
    against: str = ""
    steps: int = 1
    query_only: bool = False


def base_of(policy: Policy) -> Variation:
    """The rules as they are."""
    return Variation(BASE, policy)


def ablation(policy: Policy, encoded: Collection[Modality] = ()) -> list[Variation]:
    """The rules as they are, then each part left out or changed.

    With a pair scorer everything but the scorer and the veto is varied under the threshold rule: the scorer has
    learned what its inputs are like, and would be judged for their change, not for what they bring.

    Args:
        policy: the rules.
        encoded: what there are rows of; of these, what photos and titles share is tried though no rule weighs it.
    """
    rule = _rule(policy) if policy.scorer else policy
    found = [base_of(policy)]
    if policy.scorer:
        found += [Variation(RULE, rule, BASE)]
        found += [Variation("with scorer, without veto", policy.changed(vetoes=[]), BASE)] if policy.vetoes else []
    against = RULE if policy.scorer else BASE
    parts = (_words(rule), _modalities(rule), _shared_space(rule, encoded), _blending(rule), _combinations(rule))
    for part in parts:
        found += [Variation(one.name, one.policy, against, one.steps, one.query_only) for one in part]
    return found


def _rule(policy: Policy) -> Policy:
    """Without the scorer, and without looking as deep for candidates as it does: there would be millions."""
    return policy.changed(scorer=None, candidate_threshold=None, review_threshold=None)


def _words(policy: Policy) -> Iterator[Variation]:
    if policy.vetoes:
        yield Variation("without veto", policy.changed(vetoes=[]))
    else:
        yield Variation("with every veto", policy.changed(vetoes=list(VetoKind)))


def _modalities(policy: Policy) -> Iterator[Variation]:
    if len(policy.weights) < 2:  # noqa: PLR2004 - of one, none can be left out
        return
    for modality in policy.weights:
        yield Variation(f"without {modality}", _only(policy, set(policy.weights) - {modality}))
    if len(policy.weights) > 2:  # noqa: PLR2004 - of two, leaving one out leaves the other alone
        for modality in policy.weights:
            yield Variation(f"{modality} alone", _only(policy, {modality}))


def _shared_space(policy: Policy, encoded: Collection[Modality]) -> Iterator[Variation]:
    """All of it left out, where there is other; and whatever of it is not weighed, beside the rest and alone."""
    weighed = [modality for modality in _SHARED if modality in policy.weights]
    others = set(policy.weights).difference(weighed)
    if len(weighed) > 1 and others:
        yield Variation(f"without {', '.join(weighed[:-1])} and {weighed[-1]}", _only(policy, others))
    plain, mean = policy.changed(calibrations={}), sum(policy.weights.values()) / len(policy.weights)
    more = "without calibration, with" if policy.calibrations else "with"
    for modality in _SHARED:
        if modality in encoded and modality not in weighed:
            yield Variation(f"{more} {modality}", plain.changed(weights={**policy.weights, modality: mean}))
            yield Variation(f"{modality} alone", plain.changed(weights={modality: 1.0}, sure_thresholds={}))


def _only(policy: Policy, modalities: set[Modality]) -> Policy:
    parts = {
        name: {modality: value for modality, value in getattr(policy, name).items() if modality in modalities}
        for name in ("weights", "calibrations", "sure_thresholds")
    }
    return policy.changed(**parts)


def _blending(policy: Policy) -> Iterator[Variation]:
    if all(modality.sparse for modality in policy.weights):
        return  # sparse rows are never blended
    blend = policy.blend if policy.blend.neighbors else BlendPolicy()
    on = policy.changed(blend=blend)
    yield Variation(NO_BLENDING, policy, steps=0) if policy.blend.neighbors else Variation(BLENDING, on)
    yield Variation("blended query, raw candidates", on, query_only=True)
    for steps in _STEPS:
        yield Variation(f"{steps} steps of blending", on, steps=steps)
    for neighbors in _NEIGHBORS:
        if neighbors != blend.neighbors:
            other = BlendPolicy(neighbors=neighbors, threshold=blend.threshold)
            yield Variation(f"{neighbors} neighbors", policy.changed(blend=other))


def _combinations(policy: Policy) -> Iterator[Variation]:
    if policy.calibrations:
        yield Variation("without calibration", policy.changed(calibrations={}))
    if len(policy.weights) > 1:
        other = Combination.MEAN if policy.combination is Combination.PRODUCT else Combination.PRODUCT
        words = "mean of similarities" if other is Combination.MEAN else "product of distances"
        yield Variation(words, policy.changed(combination=other))
