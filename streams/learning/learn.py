"""Learning everything about matching from a labelled catalogue."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from encoders.types import Modality
from streams.errors import SettingsError
from streams.learning.candidates import Candidates
from streams.learning.expecting import expected_similarities
from streams.learning.findings import Finding, Learned
from streams.learning.folds import folds
from streams.learning.ground import Ground
from streams.learning.labelled import LabelledCatalogue
from streams.learning.measuring import Figure, least_precise_enough, review_from
from streams.learning.rule import choose_rule
from streams.learning.telling import Telling
from streams.learning.vetoing import NEVER, choose_vetoes
from streams.matching.decided import similarities_of
from streams.matching.drift import expected_of
from streams.matching.policy import Policy
from streams.matching.rows import Floats
from streams.matching.rules import Rules
from streams.matching.scoring import Examples, learn_weights, train_with_held_out

SCORER_FILE = "scorer.txt"

_FOLDS = 5
_FLOORS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)
_LOSS = 0.001
"""What fewer candidates may cost."""
_STRONG = 0.98
"""How precise a match has to be that joins two products by itself."""


def learn_matching(
    catalogue: LabelledCatalogue,
    start: Policy | None = None,
    *,
    keep: Collection[str] = (),
    scorer: bool = True,
    seed: int = 0,
    telling: Telling | None = None,
) -> Learned:
    """Choose how listings are compared and decided on, and train the pair scorer.

    Every figure is one of folds that share no product with what was chosen or trained from.

    Args:
        catalogue: labelled listings.
        start: what is not learned, as the length of lists.
        keep: names of further fields of `start` that are not: combination, weights, blend.
        scorer: whether to train a pair scorer; it is used if it does better than the threshold.
        seed: of folds and training.
        telling: where progress goes.

    Raises:
        SettingsError: too few listings have another of their product.
    """
    ground = Ground(catalogue, _folds(catalogue, seed), telling or Telling())
    modalities = [m for m in Modality if any(m in one for one in catalogue.embeddings.values())]
    policy, findings = choose_rule(ground, modalities, _kept(start or Policy(), keep), keep)
    if not scorer:
        return _by_rule(ground, policy, findings)
    return _with_scorer(ground, policy, findings, seed)


def _folds(catalogue: LabelledCatalogue, seed: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """As many as there can be, each with products of several listings."""
    several = np.bincount(catalogue.codes)[catalogue.codes] > 1
    for parts in range(_FOLDS, 1, -1):
        found = folds(catalogue.labels, parts, seed)
        if len(np.unique(found[several])) == parts:
            return found
    got = f"{int(several.sum())} of {len(catalogue)} listings with another of their product"
    remedy = "give more listings of the same products, or check that --label names the product"
    raise SettingsError("labelled listings", got=got, wanted="some in every fold", remedy=remedy)


def _kept(policy: Policy, keep: Collection[str]) -> Policy:
    return Policy.model_validate({name: getattr(policy, name) for name in {"list_limit", *keep}})


def _with_scorer(ground: Ground, policy: Policy, findings: Sequence[Finding], seed: int) -> Learned:
    catalogue = ground.catalogue
    found = ground.candidates(policy, "pairs to learn from")
    weights = learn_weights(catalogue.details, catalogue.labels)
    examples = Examples(found.pairs, found.same(catalogue.codes), ground.folds, weights)
    trained = train_with_held_out(examples, seed, ground.telling.steps)
    scores, kinds = choose_vetoes(ground, found, trained.held_out)
    floor, figure, tried = _choose_floor(ground, found, scores)
    rule = findings[-1].figure.mean_f1
    if figure.mean_f1 <= rule:
        none = Finding("scorer", "none", findings[-1].figure, [("scorer", figure.mean_f1)])
        return _by_rule(ground, policy, [*findings, none])
    words = f"{trained.rounds} trees, probability >= {figure.threshold:.3f}"
    chosen = Finding("scorer", words, figure, [("threshold", rule)])
    ended = policy.changed(
        scorer=SCORER_FILE,
        vetoes=sorted(kinds),
        candidate_threshold=floor,
        match_threshold=round(figure.threshold, 4),
        review_threshold=review_from(found, scores, ground.catalogue.codes, round(figure.threshold, 4)),
        strong_threshold=_strong(found, scores, ground, figure),
    )
    candidates = Finding("candidates", f"combined >= {floor:g}", figure, tried)
    vetoed = Finding("vetoes beside it", ", ".join(sorted(kinds)) or "none", figure)
    expected = expected_of(similarities_of(found.pairs, trained.held_out, ended, both_sides=True))
    return Learned(ended, [*findings, candidates, vetoed, chosen], {SCORER_FILE: trained.text.encode()}, expected)


def _by_rule(ground: Ground, policy: Policy, findings: Sequence[Finding]) -> Learned:
    expected = expected_similarities(ground.catalogue, Rules(policy), ground.telling)
    return Learned(policy, findings, expected=expected)


def _choose_floor(ground: Ground, found: Candidates, scores: Floats) -> tuple[float, Figure, list[tuple[str, float]]]:
    """The highest floor of candidates that costs next to nothing."""
    lowest = float(np.ceil(found.combined.min(initial=1.0) * 1000) / 1000)
    tried = {floor: _above(ground, found, scores, floor) for floor in (lowest, *(f for f in _FLOORS if f > lowest))}
    best = max(figure.mean_f1 for figure in tried.values())
    floor = max(floor for floor, figure in tried.items() if figure.mean_f1 >= best - _LOSS)
    return floor, tried[floor], [(f">= {one:g}", figure.mean_f1) for one, figure in tried.items() if one != floor]


def _above(ground: Ground, found: Candidates, scores: Floats, floor: float) -> Figure:
    return ground.measure(found, np.where(found.combined >= floor, scores, NEVER))


def _strong(found: Candidates, scores: Floats, ground: Ground, figure: Figure) -> float:
    least = least_precise_enough(found, scores, ground.catalogue.codes, _STRONG)
    return round(max(least, figure.threshold), 4)
