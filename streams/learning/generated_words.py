"""Words that models made, in a policy that nobody learned with them: they count half of the seller's own."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from encoders.types import Modality
from streams.matching.policy import Combination, Policy

_HALF: Final = 0.5
_STAND_INS: Final = {one: own for one in Modality if (own := one.stands_in_for)}


def with_generated_words(matching: Mapping[str, Any], modalities: Collection[Modality], subject: str) -> dict[str, Any]:
    """Half the weight of the seller's words goes to what stands in for them; to nothing where nothing does.

    Two listings whose titles say enough are as similar as before. The product of distances has no weights to divide:
    there what stands in counts nothing.

    Args:
        matching: as a bundle's manifest has it.
        modalities: that the bundle encodes.
        subject: names the bundle, for messages.

    Raises:
        SettingsError: the policy can't be used.
    """
    policy = Policy.from_json(matching, subject)
    there = {own: one for one, own in _STAND_INS.items() if one in modalities}
    weighed = [one for one in _STAND_INS if one in policy.weights]
    if bool(there) == bool(weighed) or (there and policy.combination is Combination.PRODUCT):
        return dict(matching)
    weights = _together(policy.weights) if weighed else _divided(policy.weights, there)
    return {**matching, **_curves(policy, there), "weights": {one.value: weight for one, weight in weights.items()}}


def _divided(weights: Mapping[Modality, float], stand_ins: Mapping[Modality, Modality]) -> dict[Modality, float]:
    divided: dict[Modality, float] = {}
    for modality, weight in weights.items():
        given = _HALF * weight if modality in stand_ins else 0.0
        divided |= {modality: weight - given} | ({stand_ins[modality]: given} if given else {})
    return divided


def _together(weights: Mapping[Modality, float]) -> dict[Modality, float]:
    """Weights of stand-ins that are no longer there, back to the seller's words."""
    together: dict[Modality, float] = {}
    for modality, weight in weights.items():
        own = _STAND_INS.get(modality, modality)
        together[own] = together.get(own, 0.0) + weight
    return together


def _curves(policy: Policy, stand_ins: Mapping[Modality, Modality]) -> dict[str, Any]:
    """What stands in is worth what the seller's words are worth, and is blended like them."""
    known = policy.model_dump(mode="json")
    curves, blend = known["calibrations"], known["blend"]
    narrower = blend["narrower"]
    copied = {
        "calibrations": curves | {one.value: curves[own] for own, one in stand_ins.items() if own in curves},
        "blend": {
            **blend,
            "narrower": narrower | {one.value: narrower[own] for own, one in stand_ins.items() if own in narrower},
        },
    }
    return {name: value for name, value in copied.items() if known[name] != value}
