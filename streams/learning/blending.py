"""Choosing how neighborhoods are blended.

Many neighborhoods are tried on a part of a large catalogue, in whole products; a part is less dense than the
whole, so the best few are tried once more on all of it. Then each modality may do with fewer neighbors.
Vetoes are in force: what these settle, neighborhoods need not.
"""

from __future__ import annotations

from collections.abc import Sequence

from encoders.types import Modality
from streams.learning.findings import Finding
from streams.learning.ground import Ground
from streams.learning.measuring import Figure
from streams.learning.vetoing import choose_vetoes
from streams.matching.policy import BlendPolicy, Narrowing, Policy

_NEIGHBORS = (3, 5, 10, 20)
_THRESHOLDS = (0.4, 0.5, 0.6, 0.7)
_AGAIN = 3
_GAIN = 0.001
"""What makes things harder has to bring so much."""

_Tried = dict[str, tuple[Figure, Policy]]
_NONE = BlendPolicy(neighbors=0)
BLENDS = (_NONE, *(BlendPolicy(neighbors=k, threshold=t) for t in _THRESHOLDS for k in _NEIGHBORS))
"""What is tried; the first is the simplest."""


def choose_blending(ground: Ground, policy: Policy, blends: Sequence[BlendPolicy] = BLENDS) -> tuple[Policy, Finding]:
    """The policy with the blending that does best, and how it was found; a single one is taken as it is."""
    if len(blends) == 1:
        [(words, (figure, policy))] = _try(ground, policy, blends).items()
        return policy, Finding("blending", words, figure)
    tried = _try(ground.part(), policy, blends)
    ranked = tried
    if ground.part() is not ground:
        best = sorted(tried, key=lambda words: -tried[words][0].mean_f1)[:_AGAIN]
        ranked = _try(ground, policy, [tried[words][1].blend for words in dict.fromkeys((in_words(_NONE), *best))])
    figure, policy = ranked[_best(ranked, in_words(_NONE))]
    policy, figure, narrowed = _narrowed(ground, policy, figure)
    words = in_words(policy.blend)
    others = {**(tried if ranked is tried else {}), **ranked, **narrowed}
    rest = [(one, found.mean_f1) for one, (found, _) in others.items() if one != words]
    return policy, Finding("blending", words, figure, sorted(rest, key=lambda one: -one[1]))


def in_words(blend: BlendPolicy) -> str:
    """A blending as it is told."""
    if not blend.neighbors:
        return "none"
    narrower = [f"{modality} {one.neighbors}" for modality, one in blend.narrower.items()]
    return ", ".join([f"{blend.neighbors} nearest from {blend.threshold}", *narrower])


def _try(ground: Ground, policy: Policy, blends: Sequence[BlendPolicy]) -> _Tried:
    tried: _Tried = {}
    for blend in blends:
        one = policy.changed(blend=blend)
        words = in_words(blend)
        found = ground.candidates(one, f"blending {words}")
        scores, _ = choose_vetoes(ground, found, found.combined)
        tried[words] = ground.measure(found, scores), one
    return tried


def _best(tried: _Tried, simplest: str) -> str:
    name = max(tried, key=lambda one: tried[one][0].mean_f1)
    return name if tried[name][0].mean_f1 >= tried[simplest][0].mean_f1 + _GAIN else simplest


def _narrowed(ground: Ground, policy: Policy, figure: Figure) -> tuple[Policy, Figure, _Tried]:
    """One modality after the other with fewer neighbors, where that brings something."""
    dense = [modality for modality in policy.weights if not modality.sparse]
    tried: _Tried = {}
    for modality in dense if len(dense) > 1 and policy.blend.neighbors else ():
        fewer = [k for k in (0, *_NEIGHBORS) if k < policy.blend.neighbors]
        blends = [_with(policy.blend, modality, k) for k in fewer]
        here = {in_words(policy.blend): (figure, policy), **_try(ground, policy, blends)}
        tried |= here
        figure, policy = here[_best(here, in_words(policy.blend))]
    return policy, figure, tried


def _with(blend: BlendPolicy, modality: Modality, neighbors: int) -> BlendPolicy:
    narrowing = Narrowing(neighbors=neighbors, threshold=blend.threshold)
    return BlendPolicy(
        neighbors=blend.neighbors, threshold=blend.threshold, narrower={**blend.narrower, modality: narrowing}
    )
