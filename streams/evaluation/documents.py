"""An evaluation as JSON: everything that was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from encoders.metrics import Interval
from streams.evaluation.charts import thinned
from streams.evaluation.evaluation import Difference, Evaluation
from streams.evaluation.histograms import Histogram
from streams.evaluation.measuring import FIGURES, Row
from streams.evaluation.mistakes import Mistake
from streams.learning import LabelledCatalogue

_DECIMALS = 6


def to_json(evaluation: Evaluation, catalogue: LabelledCatalogue, origin: Mapping[str, Any]) -> dict[str, Any]:
    """The content of `metrics.json`.

    Args:
        evaluation: what came out.
        catalogue: what it was measured on.
        origin: the command, the bundle and the like.
    """
    mistakes = evaluation.mistakes
    return {
        "origin": dict(origin),
        "listings": evaluation.listings,
        "products": evaluation.products,
        "listings_alone": evaluation.alone,
        "thresholds_chosen_on_other_products": evaluation.tuned,
        "rows": [_row(row) for row in evaluation.rows],
        "categories": {name: _rounded(figures) for name, figures in evaluation.categories.items()},
        "differences": [_difference(one) for one in evaluation.differences],
        "curve": dict(thinned(evaluation.curve)),
        "histograms": {name: _histogram(one) for name, one in evaluation.histograms.items()},
        "false_pairs": mistakes.all_false,
        "missed_pairs": mistakes.all_missed,
        "worst_false": [_mistake(one, catalogue) for one in mistakes.false],
        "worst_missed": [_mistake(one, catalogue) for one in mistakes.missed],
    }


def _row(row: Row) -> dict[str, Any]:
    variation, rates = row.compared.variation, row.counts.rates
    return {
        "name": row.name,
        "figures": {name: round(row.mean(name), _DECIMALS) for name in FIGURES},
        "spread": {name: round(row.spread(name), _DECIMALS) for name in FIGURES},
        "folds": [_rounded(part) for part in row.parts],
        "thresholds": [round(one, _DECIMALS) for one in row.thresholds],
        "list_entries": {"right": rates.right, "found": rates.found, "true": rates.true},
        "policy": variation.policy.model_dump(mode="json"),
        "blending_steps": variation.steps,
        "blended_query_only": variation.query_only,
    }


def _difference(difference: Difference) -> dict[str, Any]:
    figures = {name: _interval(one) for name, one in difference.figures.items()}
    found: dict[str, Any] = {"row": difference.one, "less": difference.other, "figures": figures}
    if difference.recall is not None:
        found["recall_at_precision"] = {"precision": difference.precision, "recall": _interval(difference.recall)}
    return found


def _interval(interval: Interval) -> dict[str, Any]:
    return {
        "estimate": round(interval.estimate, _DECIMALS),
        "interval_95": [round(interval.low, _DECIMALS), round(interval.high, _DECIMALS)],
        "clear": interval.clear,
    }


def _histogram(histogram: Histogram) -> dict[str, list[float]]:
    return {
        "edges": [round(float(edge), _DECIMALS) for edge in histogram.edges],
        "same": [int(count) for count in histogram.same],
        "different": [int(count) for count in histogram.different],
    }


def _mistake(mistake: Mistake, catalogue: LabelledCatalogue) -> dict[str, Any]:
    return {
        "listings": [_side(mistake.one, catalogue), _side(mistake.other, catalogue)],
        "score": round(mistake.score, _DECIMALS),
        "combined": round(mistake.combined, _DECIMALS),
        "similarities": _rounded(mistake.single),
        "vetoes": list(mistake.vetoes),
        "contributions": _rounded(mistake.contributions),
    }


def _side(place: int, catalogue: LabelledCatalogue) -> dict[str, str]:
    return {
        "listing_id": catalogue.listing_ids[place],
        "title": catalogue.details[place].title,
        "product": catalogue.labels[place],
    }


def _rounded(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, _DECIMALS) for name, value in figures.items()}
