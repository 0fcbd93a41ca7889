"""What is learned from: a labelled catalogue in folds, and the pairs of it that are worth a look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from encoders.types import Embedding
from streams.learning.candidates import Candidates, find_candidates
from streams.learning.labelled import LabelledCatalogue
from streams.learning.measuring import Figure, measure
from streams.learning.telling import Telling
from streams.matching.pairs import Places
from streams.matching.policy import Policy
from streams.matching.reference import blend_all
from streams.matching.rows import Floats
from streams.matching.similarity import Table, similarities

_SAMPLE = 6000
_LEAST_FLOOR = 0.02
_ASKED = 256
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
