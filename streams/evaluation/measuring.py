"""The figures of one variation: with the bundle's thresholds, or with one chosen on other products."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from encoders.metrics import Entries, ListCounts, average_precision, b_cubed, ranking, sweep
from encoders.metrics.lists import Flags, Floats, Places
from streams.errors import SettingsError
from streams.evaluation.comparing import Compared
from streams.evaluation.grouping import groups_of
from streams.learning import LabelledCatalogue
from streams.matching.decision import Outcome, decide, sure_of

KS = (1, 5, 10)

FIGURES = {
    "mean_f1": "mean F1 of lists",
    "precision": "pair precision",
    "recall": "pair recall",
    "f1": "pair F1",
    "b_cubed_precision": "B³ precision",
    "b_cubed_recall": "B³ recall",
    "b_cubed_f1": "B³ F1",
    "area": "area under PR",
    **{f"recall@{k}": f"recall@{k}" for k in KS},
    "mrr": "MRR",
}
"""Every figure and what tables call it."""

Figures = Mapping[str, float]


@dataclass(frozen=True)
class Row:
    """How one variation did.

    Args:
        compared: the variation with its pairs.
        parts: its figures, fold by fold; one part where thresholds were not chosen here.
        thresholds: the match threshold of each part.
        counts: of each listing's list, under the threshold of its part.
        matched: (p,) which pairs are in a list.
    """

    compared: Compared
    parts: tuple[Figures, ...]
    thresholds: tuple[float, ...]
    counts: ListCounts
    matched: Flags

    @property
    def name(self) -> str:
        """The variation's."""
        return self.compared.variation.name

    def without_pairs(self) -> Row:
        """The same figures, with the pairs let go: a large catalogue has millions."""
        none = np.empty(0, np.intp)
        compared = replace(
            self.compared, candidates=self.compared.candidates.at(none), scores=self.compared.scores[none], view={}
        )
        return replace(self, compared=compared, matched=self.matched[none])

    def mean(self, figure: str) -> float:
        """Over the parts."""
        return float(np.mean([part[figure] for part in self.parts]))

    def spread(self, figure: str) -> float:
        """Standard deviation over the parts; 0 of one."""
        return float(np.std([part[figure] for part in self.parts]))


def usable_folds(catalogue: LabelledCatalogue, folds: Places) -> list[int]:
    """The folds that can be measured: with listings of their own, and with pairs to learn from in the others.

    Raises:
        SettingsError: fewer than two are.
    """
    codes = catalogue.codes
    usable = [
        fold
        for fold in range(int(folds.max(initial=-1)) + 1)
        if (folds == fold).any() and (np.bincount(codes[folds != fold]) > 1).any()
    ]
    if len(usable) < 2:  # noqa: PLR2004 - what is chosen on one part is reported on another
        products = len(set(catalogue.labels))
        got = f"{products} products, not enough for two parts with pairs in each"
        remedy = "give more labelled listings, or leave --tune out"
        raise SettingsError("choosing thresholds", got=got, wanted="products with several listings", remedy=remedy)
    return usable


def measure(compared: Compared, catalogue: LabelledCatalogue, limit: int) -> Row:
    """With the thresholds of the bundle, on all listings.

    Args:
        compared: the variation with its pairs.
        catalogue: whose they are.
        limit: listings in a product.
    """
    pairs = compared.candidates.pairs
    considered = (pairs.combined >= compared.rules.policy.candidates) | sure_of(pairs, compared.rules)
    matched = (decide(pairs, compared.rules).outcomes == Outcome.MATCH) & considered
    entries = _entries(compared, catalogue)
    counts = entries.at(np.concatenate([matched, matched])).counts()
    everyone = np.ones(len(catalogue), dtype=bool)
    groups = _groups(compared, matched, len(catalogue), limit)
    part = _figures(entries, counts, groups, everyone)
    return Row(compared, (part,), (compared.rules.policy.match_threshold,), counts, matched)


def measure_tuned(compared: Compared, catalogue: LabelledCatalogue, folds: Places, limit: int) -> Row:
    """With a threshold for each fold, chosen for the mean F1 of lists on the products of all other folds.

    What is chosen on is pairs of two listings that are both outside the fold; what is reported on is the whole lists
    of the fold's listings, whoever is in them. So no pair serves both, and lists are as crowded as they really are.

    Args:
        compared: the variation with its pairs; its own thresholds are not used.
        catalogue: whose they are.
        folds: (n,) the fold of each listing; a product is in one only.
        limit: listings in a product.
    """
    entries = _entries(compared, catalogue)
    parts, thresholds, by_listing = [], [], np.full(len(catalogue), np.inf)
    for fold in usable_folds(catalogue, folds):
        here = folds == fold
        threshold = _chosen(entries, ~here)
        by_listing[here] = threshold
        matched = compared.scores >= threshold
        groups = _groups(compared, matched, len(catalogue), limit)
        counts = entries.at(np.concatenate([matched, matched])).counts()
        parts.append(_figures(entries, counts, groups, here))
        thresholds.append(threshold)
    counts = entries.at(entries.score >= by_listing[entries.own]).counts()
    least = np.minimum(by_listing[compared.candidates.one], by_listing[compared.candidates.other])
    return Row(compared, tuple(parts), tuple(thresholds), counts, compared.scores >= least)


def by_category(row: Row, categories: Sequence[str]) -> dict[str, dict[str, float]]:
    """Listings, mean F1 and the pair figures within each category, the largest first."""
    names, which = np.unique(np.array(categories, dtype=str), return_inverse=True)
    found = {}
    for place in np.argsort(-np.bincount(which), kind="stable").tolist():
        counts = row.counts.at(which == place)
        rates = counts.rates
        found[str(names[place])] = {
            "listings": float(len(counts.true)),
            "mean_f1": float(counts.f1.mean()),
            "precision": rates.precision,
            "recall": rates.recall,
            "f1": rates.f1,
        }
    return found


def _entries(compared: Compared, catalogue: LabelledCatalogue) -> Entries:
    found = compared.candidates
    return Entries.of_pairs(catalogue.codes, found.one, found.other, compared.scores)


def _chosen(entries: Entries, listings: Flags) -> float:
    swept = sweep(entries.at(listings[entries.other]), listings)
    return swept.best(swept.mean_f1)


def _groups(compared: Compared, matched: Flags, size: int, limit: int) -> Places:
    found, least = compared.candidates.at(matched), compared.rules.policy.strong_threshold
    scores: Floats = compared.scores[matched]
    strong = np.ones(len(found), dtype=bool) if least is None else scores >= least
    return groups_of(size, found.one, found.other, strong, limit)


def _figures(entries: Entries, counts: ListCounts, groups: Places, listings: Flags) -> Figures:
    some = counts.at(listings)
    rates, agreement = some.rates, b_cubed(groups, entries.products, listings)
    ranked = ranking(entries.at(entries.score >= 0), KS, listings)
    return {
        "mean_f1": float(some.f1.mean()),
        "precision": rates.precision,
        "recall": rates.recall,
        "f1": rates.f1,
        "b_cubed_precision": agreement.precision,
        "b_cubed_recall": agreement.recall,
        "b_cubed_f1": agreement.f1,
        "area": average_precision(sweep(entries, listings)),
        **{f"recall@{k}": ranked.recall[k] for k in KS},
        "mrr": ranked.mrr,
    }
