"""Choosing which contradictions of words keep listings apart."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from streams.learning.candidates import Candidates
from streams.learning.ground import Ground
from streams.matching.pairs import Places
from streams.matching.rows import Floats
from streams.matching.variants import VetoKind, vetoes_of

NEVER = -1.0
"""The score of a pair that nothing may match."""


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
