"""Charts as PNG: what each threshold would bring, and how similarities are spread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from encoders.metrics import Sweep
from streams.evaluation.evaluation import Evaluation
from streams.evaluation.histograms import Histogram

_POINTS = 400
_DPI = 110


@dataclass(frozen=True, slots=True)
class Look:
    """Colours that fit a page."""

    paper: str
    ink: str
    faint: str
    lines: tuple[str, str, str, str]


LIGHT = Look("#ffffff", "#1d2530", "#d5dbe3", ("#0b6bcb", "#c2410c", "#15803d", "#7c3aed"))
DARK = Look("#161b22", "#e6edf3", "#30363d", ("#58a6ff", "#f0883e", "#3fb950", "#bc8cff"))


def charts(evaluation: Evaluation, look: Look = LIGHT) -> dict[str, bytes]:
    """Every chart by name, as PNG files."""
    thresholds = evaluation.rows[0].thresholds
    found = {"thresholds": _png(_threshold_chart(evaluation.curve, thresholds, look), look)}
    for name, histogram in evaluation.histograms.items():
        found[f"similarities-{name}"] = _png(_histogram_chart(name, histogram, look), look)
    return found


def thinned(curve: Sweep, points: int = _POINTS) -> Mapping[str, list[float]]:
    """A curve with at most so many points, its ends among them, loosest last."""
    size = len(curve.thresholds)
    places = np.unique(np.linspace(0, size - 1, min(size, points)).round().astype(int)) if size else np.empty(0, int)
    columns = ("thresholds", "precision", "recall", "f1", "mean_f1")
    return {name: [round(float(value), 6) for value in getattr(curve, name)[places]] for name in columns}


def _threshold_chart(curve: Sweep, thresholds: Sequence[float], look: Look) -> Figure:
    figure, axes = _blank("match threshold", "", look)
    points = thinned(curve)
    names = {"precision": "pair precision", "recall": "pair recall", "f1": "pair F1", "mean_f1": "mean F1 of lists"}
    for colour, (column, words) in zip(look.lines, names.items(), strict=True):
        axes.plot(points["thresholds"], points[column], color=colour, label=words, linewidth=1.8)
    for place, threshold in enumerate(sorted(thresholds)):
        label = "_nolegend_" if place else "threshold used"
        axes.axvline(threshold, color=look.ink, linewidth=0.8, linestyle="--", label=label)
    axes.set_ylim(0, 1.02)
    _legend(figure, look)
    return figure


def _histogram_chart(name: str, histogram: Histogram, look: Look) -> Figure:
    words = name if name in {"combined", "probability"} else f"{name} similarity"
    figure, axes = _blank(words, "share of the candidates of each kind", look)
    for colour, counts, what in (
        (look.lines[1], histogram.different, "of two products"),
        (look.lines[0], histogram.same, "of one product"),
    ):
        share = counts / max(counts.sum(), 1)
        axes.stairs(share, histogram.edges, color=colour, fill=True, alpha=0.35)
        axes.stairs(share, histogram.edges, color=colour, linewidth=1.5, label=f"{what} ({int(counts.sum())} pairs)")
    _legend(figure, look)
    return figure


def _blank(x: str, y: str, look: Look) -> tuple[Figure, Axes]:
    # a figure of its own, not pyplot's: nothing global is touched and no display is looked for
    figure = Figure(figsize=(6.4, 3.8), layout="constrained", facecolor=look.paper)
    axes: Axes = figure.subplots()
    axes.set_facecolor(look.paper)
    axes.set_xlabel(x, color=look.ink)
    axes.set_ylabel(y, color=look.ink)
    axes.tick_params(colors=look.ink)
    axes.grid(color=look.faint, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(look.faint)
    return figure, axes


def _legend(figure: Figure, look: Look) -> None:
    figure.legend(loc="outside upper left", ncols=3, frameon=False, labelcolor=look.ink, fontsize=8)


def _png(figure: Figure, look: Look) -> bytes:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, facecolor=look.paper, metadata={"Software": None})
    return buffer.getvalue()
