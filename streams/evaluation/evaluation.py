"""The whole evaluation: the rules as they are, what each part brings, and where they go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from encoders.metrics import Interval, Sweep, sweep
from encoders.metrics.lists import Places
from streams.errors import SettingsError
from streams.evaluation.comparing import Comparer
from streams.evaluation.differences import difference, difference_at_precision
from streams.evaluation.histograms import Histogram, histograms
from streams.evaluation.measuring import Row, by_category, measure, measure_tuned
from streams.evaluation.mistakes import Mistakes, mistakes_of
from streams.evaluation.variations import BLENDING, NO_BLENDING, RULE, Variation, ablation, base_of
from streams.learning import LabelledCatalogue, folds
from streams.learning.telling import Telling
from streams.matching.rules import Rules


@dataclass(frozen=True, slots=True)
class Options:
    """What to do.

    Args:
        tune: choose thresholds on other products than those reported on.
        ablation: leave out or change one part after the other; thresholds are then always chosen.
        folds: into how many parts products are divided for that.
        mistakes: how many of each kind to show.
        limit: listings in a product.
        seed: of the folds.
    """

    tune: bool = False
    ablation: bool = False
    folds: int = 5
    mistakes: int = 20
    limit: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Difference:
    """One row less another, in figures with intervals.

    Args:
        figures: the difference in each.
        precision: at which recalls are compared; None where they are not.
        recall: the difference in recall at that precision.
    """

    one: str
    other: str
    figures: Mapping[str, Interval]
    precision: float | None = None
    recall: Interval | None = None


@dataclass(frozen=True)
class Evaluation:
    """What came out.

    Args:
        rows: the first is the rules as they are; pairs are kept of that one alone.
        categories: figures within each, of the first row; empty where there is one category or none.
        differences: of each further row.
        curve: every threshold of the first row, on all listings.
        histograms: by modality, and of the score.
        mistakes: of the first row.
        listings: how many.
        products: how many.
        alone: how many listings have no other of their product.
        tuned: whether thresholds were chosen on other products.
    """

    rows: tuple[Row, ...]
    categories: Mapping[str, Mapping[str, float]]
    differences: tuple[Difference, ...]
    curve: Sweep
    histograms: Mapping[str, Histogram]
    mistakes: Mistakes
    listings: int
    products: int
    alone: int
    tuned: bool


def evaluate(
    catalogue: LabelledCatalogue, rules: Rules, options: Options, telling: Telling | None = None
) -> Evaluation:
    """Measure how right the matches of a labelled catalogue are.

    Raises:
        SettingsError: no two listings are one product, or too few for thresholds to be chosen.
    """
    alone = check_labels(catalogue)
    return _Run(catalogue, rules, options, telling or Telling()).evaluate(alone)


def check_labels(catalogue: LabelledCatalogue) -> int:
    """How many listings are alone in their product.

    Raises:
        SettingsError: all are, so that nothing could be found or missed.
    """
    alone = int((np.bincount(catalogue.codes)[catalogue.codes] == 1).sum()) if len(catalogue) else 0
    if alone == len(catalogue):
        got = f"{len(catalogue)} listings of {len(set(catalogue.labels))} products, no two of one product"
        remedy = "name the field that holds the product, or give more listings of the same products"
        raise SettingsError("labels", got=got, wanted="products with several listings", remedy=remedy)
    return alone


@dataclass
class _Run:
    catalogue: LabelledCatalogue
    rules: Rules
    options: Options
    telling: Telling
    folds: Places | None = field(init=False)
    comparer: Comparer = field(init=False)

    def __post_init__(self) -> None:
        some = self.options
        tuned = some.tune or some.ablation
        self.folds = folds(self.catalogue.labels, some.folds, some.seed) if tuned else None
        self.comparer = Comparer(self.catalogue, self.rules, self.telling)

    def evaluate(self, alone: int) -> Evaluation:
        base = self._row(base_of(self.rules.policy))
        encoded = {modality for rows in self.catalogue.embeddings.values() for modality in rows}
        others = ablation(self.rules.policy, encoded)[1:] if self.options.ablation else []
        rows = {base.name: base}
        differences = []
        for variation in others:
            row = self._row(variation)
            against = rows[variation.against]
            differences.append(self._difference(row, against))
            rows[row.name] = row if row.name == RULE else row.without_pairs()
        entries = self.comparer.entries(base.compared)
        return Evaluation(
            tuple(rows.values()),
            self._categories(base),
            tuple(differences),
            sweep(entries),
            histograms(base, self.catalogue.codes),
            mistakes_of(base, self.catalogue, self.options.mistakes),
            len(self.catalogue),
            len(set(self.catalogue.labels)),
            alone,
            self.folds is not None,
        )

    def _row(self, variation: Variation) -> Row:
        compared = self.comparer.compare(variation)
        if self.folds is None:
            return measure(compared, self.catalogue, self.options.limit)
        return measure_tuned(compared, self.catalogue, self.folds, self.options.limit)

    def _difference(self, row: Row, against: Row) -> Difference:
        """Of blending it is told in full: how the rules with it differ from the same without."""
        codes = self.catalogue.codes
        if row.name not in {NO_BLENDING, BLENDING}:
            return Difference(row.name, against.name, difference(row, against, codes))
        more, less = (against, row) if row.name == NO_BLENDING else (row, against)
        precision, recall = difference_at_precision(more, less, codes)
        return Difference(more.name, less.name, difference(more, less, codes), precision, recall)

    def _categories(self, base: Row) -> Mapping[str, Mapping[str, float]]:
        names = self.catalogue.categories
        return by_category(base, names) if len(set(names)) > 1 else {}
