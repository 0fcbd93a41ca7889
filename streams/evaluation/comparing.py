"""Candidates and their scores under one variation of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from encoders.metrics import Entries
from encoders.types import Embedding
from streams.evaluation.variations import Variation
from streams.learning import Candidates, LabelledCatalogue, find_candidates
from streams.learning.candidates import find_against_blended
from streams.learning.telling import Telling
from streams.matching.decision import Outcome, decide
from streams.matching.policy import Policy
from streams.matching.reference import blend_all
from streams.matching.rows import Floats
from streams.matching.rules import PairScorer, Rules
from streams.matching.similarity import Table, similarities

VETOED = -1.0
"""The score of pairs that no threshold may match."""

_SAMPLE = 256
_PER_LISTING = 50
_LEAST_FLOOR = 0.05
_ANY_SCORE = 1e-9


@dataclass(frozen=True)
class Compared:
    """Candidates of a catalogue as one variation sees them.

    Args:
        variation: which.
        rules: the same with its scorer.
        candidates: the pairs that were looked at.
        scores: (p,) what thresholds are compared with; `VETOED` where a veto or the floor of candidates forbids.
        view: the blended embeddings that were compared.
    """

    variation: Variation
    rules: Rules
    candidates: Candidates
    scores: Floats
    view: Mapping[str, Embedding]


@dataclass
class Comparer:
    """Compares one catalogue under many variations; candidates are found once for those that share them.

    Args:
        catalogue: whose listings.
        rules: as the bundle has them.
        telling: where progress goes.
    """

    catalogue: LabelledCatalogue
    rules: Rules
    telling: Telling = field(default_factory=Telling)
    _last: tuple[str, Candidates, Mapping[str, Embedding]] | None = None

    def compare(self, variation: Variation) -> Compared:
        """Find the candidates and score them."""
        policy = variation.policy
        scorer = self.rules.scorer if policy.scorer else None
        candidates, view = self._candidates(variation, scorer)
        rules = Rules(policy, scorer, self.rules.bundle)
        return Compared(variation, rules, candidates, scores_of(candidates, rules), view)

    def entries(self, compared: Compared) -> Entries:
        """The lists that the candidates make, with their scores."""
        found = compared.candidates
        return Entries.of_pairs(self.catalogue.codes, found.one, found.other, compared.scores)

    def _candidates(
        self, variation: Variation, scorer: PairScorer | None
    ) -> tuple[Candidates, Mapping[str, Embedding]]:
        key = _key(variation)
        if self._last is None or self._last[0] != key:
            self._last = None  # a large catalogue's candidates are let go before the next are found
            self._last = (key, *self._find(variation))
        _, found, view = self._last
        if scorer is None:
            return found, view
        return found.at(found.combined >= variation.policy.candidates), view

    def _find(self, variation: Variation) -> tuple[Candidates, Mapping[str, Embedding]]:
        raw, details = self.catalogue.embeddings, self.catalogue.details
        policy = variation.policy
        steps = variation.steps if policy.blend.neighbors else 0
        advance = self.telling.steps(variation.name, (steps + 1) * len(raw))
        view: Mapping[str, Embedding] = raw
        for _ in range(steps):
            view = blend_all(view, policy, advance)
        floor = self._floor(view, policy)
        if variation.query_only:
            found = find_against_blended(raw, details, policy, floor=floor)
            advance(len(raw))
            return found, view
        return find_candidates(view, details, policy, floor=floor, steps=0, advance=advance), view

    def _floor(self, view: Mapping[str, Embedding], policy: Policy) -> float:
        """A similarity that leaves each listing some tens of candidates, and every one the rules look at."""
        size = len(view)
        others = np.bincount(self.catalogue.codes)[self.catalogue.codes].mean() - 1
        wanted = max(_PER_LISTING, 4 * others)
        if wanted >= size:
            return _LEAST_FLOOR
        sample = np.random.default_rng(0).choice(size, min(size, _SAMPLE), replace=False)
        ids = list(view)
        queries = Table.of({ids[i]: view[ids[i]] for i in sample.tolist()})
        combined = similarities(queries, Table.of(view), policy).combined
        return float(max(_LEAST_FLOOR, min(np.quantile(combined, 1 - wanted / size), policy.candidates)))


def scores_of(candidates: Candidates, rules: Rules) -> Floats:
    """What thresholds are compared with: (p,) float64, `VETOED` where there is a veto."""
    open_ = rules.policy.changed(match_threshold=_ANY_SCORE, review_threshold=None, categories={}, sure_thresholds={})
    decided = decide(candidates.pairs, Rules(open_, rules.scorer, rules.bundle))
    result: Floats = np.where(decided.outcomes == Outcome.NO, VETOED, decided.scores)
    return result


def _key(variation: Variation) -> str:
    """The same for variations that have the same candidates; for no blending, however it is put."""
    policy, steps = variation.policy, variation.steps if variation.policy.blend.neighbors else 0
    parts = policy.model_dump_json(include={"weights", "combination", "calibrations", "sure_thresholds"})
    blend = policy.blend.model_dump_json() if steps else ""
    return f"{parts} {blend} {steps} {variation.query_only} {policy.candidates}"
