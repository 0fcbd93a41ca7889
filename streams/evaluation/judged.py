"""Calibrating the rules of a bundle on pairs that people judged, where nobody knows the products."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from encoders.metrics import pairs_needed
from encoders.metrics.lists import Flags, Floats, Places
from streams.errors import SettingsError
from streams.evaluation.calibration import PARTS, Calibration, Threshold, calibrate_witnesses, confidence_of_each
from streams.evaluation.comparing import Compared, Comparer
from streams.evaluation.evidence import Witnesses, categories_of
from streams.evaluation.variations import base_of
from streams.learning import Candidates, LabelledCatalogue, folds
from streams.learning.pair_files import Pair, SaidPairs
from streams.learning.telling import Telling
from streams.matching.auditing import audited, by_lot, clusters_of
from streams.matching.decision import Outcome, decide, looked_at
from streams.matching.policy import Policy, Thresholds
from streams.matching.rules import Rules


class Sample(StrEnum):
    """Which of the judged pairs thresholds were chosen by."""

    AUDIT = "audit"
    """Matches drawn by lot: they stand for all matches."""

    JUDGED = "judged"
    """All that were judged, for whatever reason: they stand for pairs that are chosen like them."""


@dataclass(frozen=True, slots=True)
class JudgedCalibration:
    """What came out.

    Args:
        calibration: the thresholds.
        sample: what they were chosen by.
        pairs: these pairs.
        right: how many of them are the same.
    """

    calibration: Calibration
    sample: Sample
    pairs: tuple[Pair, ...]
    right: int


def calibrate_judged(
    catalogue: LabelledCatalogue, rules: Rules, said: SaidPairs, target: float, telling: Telling | None = None
) -> JudgedCalibration:
    """Score the judged pairs as the rules would among all listings, and find thresholds that keep the promise.

    Matches below the present thresholds are in no audit, so that by one thresholds become stricter or stay. Pairs are
    for review from where they were before.

    Args:
        catalogue: all listings; their labels are not looked at.
        rules: the bundle's.
        said: the verdicts.
        target: precision of matched pairs, in (0, 1).
        telling: where progress goes.

    Raises:
        SettingsError: there are too few verdicts for it.
    """
    compared = Comparer(catalogue, rules, telling or Telling()).compare(base_of(rules.policy))
    pairs = _pairs(compared.candidates, catalogue)
    kind, used = _sample(compared, pairs, said)
    some, same = [pairs[i] for i in used.tolist()], {*said.same}
    _look_for_enough(kind, len(some), target)
    flags = np.array([pair in same for pair in some], dtype=bool)
    first, second = _divided(some, compared.scores[used], flags)
    names = np.array(categories_of(compared.candidates.at(used), catalogue.details), dtype=str)
    made = calibrate_witnesses(first, second, names, target)
    _look_for_some(kind, made)
    return JudgedCalibration(_reviewed_as_before(made, rules.policy), kind, tuple(some), int(flags.sum()))


def _sample(compared: Compared, pairs: Sequence[Pair], said: SaidPairs) -> tuple[Sample, Places]:
    """Places of the pairs to go by, among the candidates; what is no candidate matches by no threshold."""
    found, rules = compared.candidates.pairs, compared.rules
    matched = (decide(found, rules).outcomes == Outcome.MATCH) & looked_at(found, rules.policy)
    ordered = by_lot(pairs[i] for i in np.flatnonzero(matched).tolist())
    sample = {*audited(ordered, {*said.same, *said.different, *said.unsure})}
    decided = {*said.same, *said.different}
    wanted = decided & sample if sample else decided
    kept = np.array([pair in wanted for pair in pairs], dtype=bool) & (compared.scores >= 0)
    return Sample.AUDIT if sample else Sample.JUDGED, np.flatnonzero(kept)


def _divided(pairs: Sequence[Pair], scores: Floats, same: Flags) -> tuple[Witnesses, Witnesses]:
    """The part that makes the order of tests and the part that is tested; what listings connect is in one of them."""
    clusters = np.array(clusters_of(pairs), dtype=np.intp)
    names = [pairs[place][0] for place in np.unique(clusters, return_index=True)[1].tolist()]
    inside = (folds(names, PARTS) == 0)[clusters].astype(float)
    everything = Witnesses(scores, same, clusters, inside)
    return everything, replace(everything, weights=1 - inside)


def _pairs(candidates: Candidates, catalogue: LabelledCatalogue) -> list[Pair]:
    ids = catalogue.listing_ids
    places = zip(candidates.one.tolist(), candidates.other.tolist(), strict=True)
    return [(ids[i], ids[j]) if ids[i] < ids[j] else (ids[j], ids[i]) for i, j in places]


def _reviewed_as_before(made: Calibration, policy: Policy) -> Calibration:
    def as_before(one: Threshold) -> Threshold:
        before: Thresholds = policy.thresholds(one.category or None)
        least = before.match if before.review is None else before.review
        return replace(one, review=least if least < (one.match or np.inf) and least <= 1 else None)

    categories = tuple(as_before(one) for one in made.categories)
    return replace(made, general=as_before(made.general), categories=categories)


def _look_for_enough(kind: Sample, number: int, target: float) -> None:
    """Before the work: the least that could show anything, if all of them were right."""
    needed = pairs_needed(target, 1.0, confidence_of_each())
    least = None if needed is None else -(-needed * PARTS // (PARTS - 1))
    if least is None or number < least:
        more = "no number of labels" if least is None else f"{least - number} more"
        raise _too_few(kind, f"{number} verdicts", more, target)


def _look_for_some(kind: Sample, made: Calibration) -> None:
    """After it: whether more labels would help where nothing can be promised."""
    each = (made.general, *made.categories)
    most = max(each, key=lambda one: one.evidence.total)
    if any(one.match is not None for one in each) or most.missing is None:
        return
    evidence = most.evidence
    got = f"{evidence.right:.0f} of {evidence.total:.0f} right in the part that tests, which shows {most.bound:.4f}"
    raise _too_few(kind, got, f"about {-(-most.missing * PARTS // (PARTS - 1))} more", made.target)


def _too_few(kind: Sample, got: str, more: str, target: float) -> SettingsError:
    where = "on the page's /review?queue=audit"
    return SettingsError(
        "audited pairs" if kind is Sample.AUDIT else "judged pairs",
        got=got,
        wanted=f"enough to show a precision of {target:g}: {more}",
        remedy=f"judge more {where}, or lower --target-precision",
    )
