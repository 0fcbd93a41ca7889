"""A run at a glance: loss, the watched figure and the learning rates as one PNG file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from encoders.training.looping.standing import Reading, Standing, Validation

_INK, _FAINT = "#1d2530", "#d5dbe3"
_COLOURS = ("#0b6bcb", "#c2410c", "#15803d", "#7c3aed")
_DPI = 110
_LOWEST = 0.01


def curves(standing: Standing) -> bytes:
    """The curves of a run that has been validated at least once, as a PNG file."""
    # a figure of its own, not pyplot's: nothing global is touched and no display is looked for
    figure = Figure(figsize=(6.4, 7.2), layout="constrained")
    loss, watched, rate = figure.subplots(3, 1, sharex=True, height_ratios=(3, 3, 2))
    _draw_loss(loss, standing.readings)
    _draw_watched(watched, standing.validations, standing.best)
    _draw_rates(rate, standing.readings)
    rate.set_xlabel("epochs passed", color=_INK)
    for axes in (loss, watched, rate):
        _dress(axes)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    return buffer.getvalue()


def _draw_loss(axes: Axes, readings: Sequence[Reading]) -> None:
    axes.plot([one.epoch for one in readings], [one.loss for one in readings], color=_COLOURS[0], linewidth=1.5)
    axes.set_ylabel("loss", color=_INK)


def _draw_watched(axes: Axes, validations: Sequence[Validation], best: Validation | None) -> None:
    epochs, values = [one.epoch for one in validations], [one.watched for one in validations]
    axes.plot(epochs, values, color=_COLOURS[2], linewidth=1.5, marker="o", markersize=3)
    axes.axhline(values[0], color=_INK, linewidth=0.8, linestyle="--", label=f"before training: {values[0]:.4g}")
    if best is not None:
        label = f"best: {best.watched:.4g} after {best.epoch:.3g} epochs"
        axes.plot([best.epoch], [best.watched], color=_COLOURS[1], marker="*", markersize=12, linestyle="", label=label)
    axes.set_ylabel(f"{next(iter(validations[0].figures))}, held out", color=_INK)
    axes.legend(loc="best", frameon=False, labelcolor=_INK, fontsize=8)


def _draw_rates(axes: Axes, readings: Sequence[Reading]) -> None:
    axes.set_ylabel("learning rate", color=_INK)
    names: dict[tuple[float, ...], list[str]] = {}
    for name in readings[-1].rates if readings else ():
        names.setdefault(tuple(one.rates[name] for one in readings), []).append(name)
    if not names:
        return
    for number, (rates, together) in enumerate(names.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        axes.plot([one.epoch for one in readings], rates, color=colour, linewidth=1.5, label=", ".join(together))
    axes.set_yscale("log")
    axes.set_ylim(bottom=min(max(rates) for rates in names) * _LOWEST)  # the cosine's end would take all the room
    axes.legend(loc="best", frameon=False, labelcolor=_INK, fontsize=8, ncols=2)


def _dress(axes: Axes) -> None:
    axes.tick_params(colors=_INK)
    axes.grid(color=_FAINT, linewidth=0.6)
    for side, spine in axes.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(_FAINT)
