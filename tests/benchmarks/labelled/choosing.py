"""Fitting rules to labelled pairs: everything is chosen on folds that share no group of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from benchmarks.labelled.ground import Ground
from benchmarks.labelled.records import Flags, Labelled

from encoders.types import Modality
from streams.learning import folds
from streams.matching import Policy, Rules
from streams.matching.pairs import Pairs, Places
from streams.matching.policy import BlendPolicy
from streams.matching.rows import Floats
from streams.matching.scoring import COMPARISONS, Examples, Scorer, learn_weights, train_with_held_out
from streams.matching.variants import VetoKind, vetoes_of

NEVER = -1.0
"""The score of a pair that nothing may match."""

_PARTS = 5
_SHARES = (0.5, 1.0, 2.0, 4.0, 8.0)
_NEIGHBORHOODS = [BlendPolicy(neighbors=k, threshold=t) for t in (0.5, 0.6, 0.7) for k in (3, 5, 10)]
_NOBODY = BlendPolicy(neighbors=0)
_ANY_SCORE = 1e-9


@dataclass(frozen=True, slots=True)
class Row:
    """One way of deciding, to be fitted and measured.

    Args:
        name: as tables show it.
        against: the name of the row it is compared with; empty for the first.
        scorer: whether the pair scorer gives the score, or the combined similarity.
        modalities: what similarities there are.
        vetoes: whether contradictions may keep pairs apart.
        variants: whether the scorer compares what variants are told apart by.
        blending: whether rows are blended with their neighborhoods.
        plain: whether titles are left as they stand.
    """

    name: str
    against: str = ""
    scorer: bool = False
    modalities: tuple[Modality, ...] = (Modality.TEXT, Modality.LEXICAL)
    vetoes: bool = True
    variants: bool = True
    blending: bool = False
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Fitted:
    """What was learned.

    Args:
        rules: decide on any pair.
        f1: of the training pairs, each fold under what the others chose.
        held_out: (p,) the scores that `f1` and the threshold were taken from.
        trees: of the scorer.
    """

    rules: Rules
    f1: float
    held_out: Floats
    trees: int = 0


@dataclass(frozen=True)
class Divided:
    """Labelled pairs in folds: records that labels connect are in one.

    A pair of two folds is judged in that of its first record, and learned from in neither.
    """

    labelled: Labelled
    seed: int = 0

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The group of each record, in words."""
        return tuple(map(str, self.labelled.groups.tolist()))

    @cached_property
    def folds(self) -> Places:
        """(n,) the fold of each record."""
        return folds(self.labels, _PARTS, self.seed)

    def f1(self, scores: Floats) -> float:
        """F1 over all pairs, each fold under the threshold that is best on the others."""
        own, other = self.folds[self.labelled.own], self.folds[self.labelled.other]
        same, found = self.labelled.same, np.zeros(len(self.labelled), dtype=bool)
        for fold in range(_PARTS):
            learned = (own != fold) & (other != fold)
            judged = own == fold
            found[judged] = scores[judged] >= best_threshold(scores[learned], same[learned])
        return float(2 * (found & same).sum() / max(found.sum() + same.sum(), 1))

    @cached_property
    def contradictions(self) -> Mapping[VetoKind, Flags]:
        """Which pairs each kind of veto would keep apart, (p,) each."""
        details, places = self.labelled.details, zip(self.labelled.own, self.labelled.other, strict=True)
        kinds = [{veto.kind for veto in vetoes_of(details[i], details[j], tuple(VetoKind))} for i, j in places]
        return {kind: np.array([kind in some for some in kinds], dtype=bool) for kind in VetoKind}


def best_threshold(scores: Floats, same: Flags) -> float:
    """The threshold of the highest F1, in the middle between two scores; negative ones are never reached."""
    order = np.argsort(-scores, kind="stable")
    falling, right = scores[order], np.cumsum(same[order])
    last = np.append(falling[1:] != falling[:-1], True) & (falling >= 0)
    f1 = np.where(last, 2 * right / (np.arange(1, len(same) + 1) + same.sum()), -1.0)
    at = int(np.argmax(f1))
    below = falling[min(at + 1, len(falling) - 1)]
    return float(falling[at] + max(below, 0.0)) / 2


def fit(row: Row, ground: Ground, divided: Divided) -> Fitted:
    """Choose weights, neighborhoods, vetoes and the threshold, and train the scorer if the row has one."""
    policy = _weighed(row, ground, divided)
    if row.blending:
        policy = _blended(policy, ground, divided)
    pairs = ground.pairs(policy)
    if not row.scorer:
        scores, kinds = _vetoed(row, pairs.combined, divided)
        return Fitted(Rules(_decisive(policy, kinds, scores, divided)), divided.f1(scores), scores)
    trained = train_with_held_out(_examples(row, pairs, divided), divided.seed)
    scores, kinds = _vetoed(row, trained.held_out, divided)
    ended = _decisive(policy, kinds, scores, divided).changed(scorer="scorer.txt", candidate_threshold=_ANY_SCORE)
    rules = Rules(ended, Scorer.from_text(trained.text, row.name))
    return Fitted(rules, divided.f1(scores), scores, trained.rounds)


def _weighed(row: Row, ground: Ground, divided: Divided) -> Policy:
    """The shares of text and lexical that do best; one modality alone has no share."""
    first, *rest = row.modalities
    shares: Sequence[float] = _SHARES if rest else (1.0,)
    tried = [
        Policy(weights={first: 1.0, **dict.fromkeys(rest, share)}, blend=_NOBODY, sure_thresholds={})
        for share in shares
    ]
    return max(tried, key=lambda one: divided.f1(ground.pairs(one).combined))


def _blended(policy: Policy, ground: Ground, divided: Divided) -> Policy:
    tried = [policy.changed(blend=blend) for blend in _NEIGHBORHOODS]
    return max(tried, key=lambda one: divided.f1(ground.pairs(one).combined))


def _vetoed(row: Row, scores: Floats, divided: Divided) -> tuple[Floats, frozenset[VetoKind]]:
    """Scores with vetoed pairs at `NEVER`, and the kinds of veto that help."""
    chosen: set[VetoKind] = set()
    best = divided.f1(scores)
    for kind in VetoKind if row.vetoes else ():
        tried = np.where(divided.contradictions[kind], NEVER, scores)
        if (value := divided.f1(tried)) > best:
            scores, best = tried, value
            chosen.add(kind)
    return scores, frozenset(chosen)


def _decisive(policy: Policy, kinds: frozenset[VetoKind], scores: Floats, divided: Divided) -> Policy:
    threshold = best_threshold(scores, divided.labelled.same)
    return policy.changed(vetoes=kinds, match_threshold=round(max(threshold, _ANY_SCORE), 6))


def _examples(row: Row, pairs: Pairs, divided: Divided) -> Examples:
    weights = learn_weights(divided.labelled.details, divided.labels)
    of_variants = tuple(f"{kind} " for kind in VetoKind)
    names = tuple(name for name in COMPARISONS.names if row.variants or not name.startswith(of_variants))
    return Examples(pairs, divided.labelled.same, divided.folds, weights, names)
