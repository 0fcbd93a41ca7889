"""Choosing how listings are compared: weights, combination, calibrations, blending, vetoes, threshold.

One thing after the other, each by the mean F1 on products that did not choose the threshold. Weights are chosen
with vetoes in force: what these settle, similarities need not. Blending is chosen on a part of a large catalogue,
in whole products.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality
from streams.learning.candidates import Candidates, find_candidates
from streams.learning.curves import fit_curve
from streams.learning.findings import Finding
from streams.learning.labelled import LabelledCatalogue
from streams.learning.measuring import Figure, measure
from streams.learning.telling import Telling
from streams.matching.curves import Curve
from streams.matching.pairs import Places
from streams.matching.policy import BlendPolicy, Combination, Policy
from streams.matching.reference import blend_all
from streams.matching.rows import Floats
from streams.matching.similarity import Table, combine, similarities
from streams.matching.variants import VetoKind, vetoes_of

NEVER = -1.0
"""The score of a pair that nothing may match."""

_SAMPLE = 6000
_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_NEIGHBORS = (3, 5, 10, 20)
_BLEND_THRESHOLDS = (0.4, 0.5, 0.6, 0.7)
_LEAST_FLOOR = 0.02
_ASKED = 256
_GAIN = 0.001
"""What makes things harder has to bring so much."""
_CANDIDATES_PER_LISTING = 150


@dataclass(frozen=True, slots=True)
class Ground:
    """What is learned from.

    Args:
        catalogue: n labelled listings.
        folds: (n,) which fold each is in.
        telling: where progress goes.
    """

    catalogue: LabelledCatalogue
    folds: Places
    telling: Telling

    def measure(self, candidates: Candidates, scores: Floats) -> Figure:
        """How good scores of candidates are."""
        return measure(candidates, scores, self.catalogue.codes, self.folds)

    def candidates(self, policy: Policy, what: str) -> Candidates:
        """The most similar pairs, some hundred to a listing where there are so many."""
        size, steps = len(self.catalogue), 1 if policy.blend.neighbors else 0
        advance = self.telling.steps(what, (steps + 1) * size)
        raw, details = self.catalogue.embeddings, self.catalogue.details
        view = blend_all(raw, policy, advance) if steps else raw
        return find_candidates(view, details, policy, floor=_floor(view, policy), steps=0, advance=advance)

    def part(self) -> Ground:
        """Some thousand listings, in whole products."""
        if len(self.catalogue) <= _SAMPLE:
            return self
        order = np.random.default_rng(0).permutation(int(self.catalogue.codes.max()) + 1)
        rank = order[self.catalogue.codes]
        least = np.sort(rank)[_SAMPLE - 1]
        kept = np.flatnonzero(rank <= least)
        return replace(self, catalogue=self.catalogue.at(kept.tolist()), folds=self.folds[kept])


def _floor(view: Mapping[str, Embedding], policy: Policy) -> float:
    """A similarity that leaves each listing about so many candidates, by a sample of the listings."""
    if len(view) <= _CANDIDATES_PER_LISTING:
        return _LEAST_FLOOR
    ids = list(view)
    chosen = np.random.default_rng(0).choice(len(ids), min(len(ids), _ASKED), replace=False)
    asked = Table.of({ids[place]: view[ids[place]] for place in chosen.tolist()})
    combined = similarities(asked, Table.of(view), policy).combined
    enough = float(np.quantile(combined, 1 - _CANDIDATES_PER_LISTING / len(ids)))
    return max(_LEAST_FLOOR, enough)


def choose_rule(ground: Ground, modalities: Sequence[Modality], start: Policy) -> tuple[Policy, list[Finding]]:
    """The best policy without a scorer, and how it was found."""
    policy, weighed = _choose_weights(ground, modalities, start)
    policy, drawn = _choose_blending(ground.part(), policy)
    found = ground.candidates(policy, "candidates")
    policy, calibrated = _choose_calibrations(ground, policy, found)
    scores = combine(found.single, policy, (len(found),))
    vetoed, kinds = choose_vetoes(ground, found, scores)
    figure = ground.measure(found, vetoed)
    policy = changed(policy, vetoes=sorted(kinds), match_threshold=round(figure.threshold, 4), sure_thresholds={})
    rule = Finding("threshold", f"combined >= {figure.threshold:.3f}", figure)
    return policy, [weighed, drawn, calibrated, _of_vetoes(ground, found, scores, kinds, figure), rule]


def changed(policy: Policy, **fields: object) -> Policy:
    """The policy with other values, checked again."""
    return Policy.model_validate({**policy.model_dump(), **fields})


def _choose_weights(ground: Ground, modalities: Sequence[Modality], start: Policy) -> tuple[Policy, Finding]:
    plain = changed(start, weights=dict.fromkeys(modalities, 1.0), blend=BlendPolicy(neighbors=0), calibrations={})
    found = ground.candidates(plain, "weights")
    masked, _ = choose_vetoes(ground, found, found.combined)
    tried: dict[str, tuple[Figure, Policy]] = {}
    for policy in _weighings(plain, modalities):
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


def _choose_blending(ground: Ground, policy: Policy) -> tuple[Policy, Finding]:
    tried: dict[str, tuple[Figure, Policy]] = {}
    blends = [BlendPolicy(neighbors=k, threshold=t) for t in _BLEND_THRESHOLDS for k in _NEIGHBORS]
    for blend in (BlendPolicy(neighbors=0), *blends):
        one = changed(policy, blend=blend)
        words = f"{blend.neighbors} nearest from {blend.threshold}" if blend.neighbors else "none"
        found = ground.candidates(one, f"blending {words}")
        tried[words] = ground.measure(found, found.combined), one
    name = max(tried, key=lambda one: tried[one][0].mean_f1)
    if tried[name][0].mean_f1 < tried["none"][0].mean_f1 + _GAIN:
        name = "none"
    figure, policy = tried[name]
    return policy, Finding("blending", name, figure, _others(tried, name))


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


def choose_vetoes(ground: Ground, found: Candidates, scores: Floats) -> tuple[Floats, frozenset[VetoKind]]:
    """Scores with vetoed pairs at `NEVER`, and the kinds of veto that help; a GTIN counts unless it harms."""
    near = np.flatnonzero(scores >= 0.6 * ground.measure(found, scores).threshold)
    fired = _fired(ground, found, near)
    chosen: set[VetoKind] = set()
    best = ground.measure(found, scores).mean_f1
    for kind in VetoKind:
        places = fired.get(kind, near[:0])
        tried = scores.copy()
        tried[places] = NEVER
        value = ground.measure(found, tried).mean_f1 if len(places) else best
        if value > best or (kind is VetoKind.GTIN and value >= best):
            chosen.add(kind)
            scores, best = tried, value
    return scores, frozenset(chosen)


def _fired(ground: Ground, found: Candidates, places: Places) -> Mapping[VetoKind, Places]:
    """Which of some pairs each kind of veto keeps apart."""
    by_kind: dict[VetoKind, list[int]] = {}
    advance = ground.telling.steps("vetoes", len(places))
    for place in places.tolist():
        own, other = found.details[found.one[place]], found.details[found.other[place]]
        for kind in {veto.kind for veto in vetoes_of(own, other, tuple(VetoKind))}:
            by_kind.setdefault(kind, []).append(place)
        advance(1)
    return {kind: np.array(some, dtype=np.intp) for kind, some in by_kind.items()}


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
