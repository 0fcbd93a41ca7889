"""Results as the files keep them, and as a terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isnan
from typing import Any

from benchmarks.blends.choosing import Chosen, Gain
from benchmarks.blends.groups import Group
from benchmarks.blends.rows import Table
from rich.table import Table as Shown

from encoders.metrics import Interval
from streams.evaluation.measuring import FIGURES, Row
from streams.learning.blending import in_words

_FIGURES = ("mean_f1", "f1", "recall@1")
_DECIMALS = 4


def table_to_json(table: Table) -> dict[str, Any]:
    """Every row with what was chosen, its figures and what it brings."""
    return {name: _row_to_json(row, table.chosen[name], table.gains[name]) for name, row in table.rows.items()}


def _row_to_json(row: Row, chosen: Chosen, gains: Mapping[str, Gain]) -> dict[str, Any]:
    policy = chosen.variation.policy
    return {
        "figures": {name: round(row.mean(name), _DECIMALS) for name in FIGURES},
        "gain_over": {other: _gain_to_json(one) for other, one in gains.items()},
        "chosen": {
            "weights": {str(modality): weight for modality, weight in policy.weights.items()},
            "combination": policy.combination,
            "calibrated": bool(policy.calibrations),
            "blending": in_words(policy.blend),
            "steps": chosen.variation.steps if policy.blend.neighbors else 0,
            "query_only": chosen.variation.query_only,
            "match_threshold": policy.match_threshold,
            "mean_f1_where_chosen": round(chosen.mean_f1, _DECIMALS),
            "best_of": chosen.tried,
        },
    }


def _gain_to_json(gain: Gain) -> dict[str, Any]:
    return {
        "mean_f1": _interval_to_json(gain.mean_f1),
        "f1": _interval_to_json(gain.f1),
        "precision": round(gain.precision, _DECIMALS),
        "recall_at_that_precision": _interval_to_json(gain.recall),
    }


def groups_to_json(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """Every group of products."""
    return [
        {
            **asdict(one),
            "plain": round(one.plain, _DECIMALS),
            "gain": {name: _interval_to_json(interval) for name, interval in one.gain.items()},
            "margin": round(one.margin, _DECIMALS),
            "right": round(one.right, _DECIMALS),
        }
        for one in groups
    ]


def _interval_to_json(interval: Interval) -> dict[str, float]:
    return {name: round(value, _DECIMALS) for name, value in asdict(interval).items()}


def shown_table(title: str, table: Table) -> Shown:
    """The rows side by side, and what they bring over others."""
    heads = (*(FIGURES[name] for name in _FIGURES), "over", "mean F1", "pair F1", "recall at its precision")
    shown = Shown("", "chosen", *heads, title=title)
    for name, row in table.rows.items():
        cells = [f"{row.mean(figure):.3f}" for figure in _FIGURES]
        shown.add_row(name, _chosen(table.chosen[name]), *cells, *_gains(table.gains[name]))
    return shown


def _chosen(chosen: Chosen) -> str:
    policy = chosen.variation.policy
    weights = " : ".join(f"{weight:g}" for weight in policy.weights.values())
    return f"{weights}; {in_words(policy.blend)}; {policy.match_threshold:.3f}"


def _gains(gains: Mapping[str, Gain]) -> list[str]:
    each = [(name, between(one.mean_f1), between(one.f1), between(one.recall)) for name, one in gains.items()]
    return ["\n".join(column) for column in zip(*each, strict=True)]


def shown_groups(title: str, groups: Sequence[Group]) -> Shown:
    """Groups of products side by side."""
    heads = ("products", "lists", "margin", "right neighbors", "mean F1 without", "gain", "gain in pair F1", "chosen")
    shown = Shown("", *heads, title=title)
    for one in groups:
        gain = (between(one.gain["mean_f1"]), between(one.gain["f1"]))
        facts = (str(one.products), str(one.listings), _number(one.margin), _number(one.right), f"{one.plain:.3f}")
        shown.add_row(one.name, *facts, *gain, "\n".join(one.blends))
    return shown


def between(interval: Interval) -> str:
    """A gain with where it lies."""
    return f"{interval.estimate:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"


def _number(value: float) -> str:
    return "" if isnan(value) else f"{value:.2f}"
