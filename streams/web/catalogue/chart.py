"""Price histories as a step chart: numbers for an SVG, which a template writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from streams.web.catalogue.answers import PricePoint
from streams.web.catalogue.prices import amount_of

MOST_LINES: Final = 8
"""Offers in one chart: more could not be told apart."""
WIDTH: Final = 640
HEIGHT: Final = 220
_LEFT: Final = 64
_RIGHT: Final = 12
_TOP: Final = 12
_BOTTOM: Final = 28
_AIR: Final = 0.06
"""Of the highest price, above and below what is drawn."""
_LARGE: Final = 1_000
_HUGE: Final = 10_000_000
"""Prices whose digits would not fit beside the chart."""
_SHORTEST_S: Final = 3_600.0


@dataclass(frozen=True, slots=True)
class Line:
    """One offer's prices.

    Args:
        listing_id: whose.
        path: of the SVG.
        place: in the order of lines, from 1 on; its colour goes by it.
    """

    listing_id: str
    path: str
    place: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis.

    Args:
        at: where on the axis, in units of the SVG.
        label: what stands there.
    """

    at: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Prices in one currency.

    Args:
        prices: ticks from low to high.
        times: ticks from early to late.
    """

    currency: str
    lines: tuple[Line, ...]
    prices: tuple[Tick, ...]
    times: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class _Scale:
    lowest: float
    highest: float
    earliest: float
    latest: float

    def x(self, at: float) -> float:
        share = (at - self.earliest) / (self.latest - self.earliest)
        return round(_LEFT + min(max(share, 0.0), 1.0) * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, amount: float) -> float:
        share = (amount - self.lowest) / (self.highest - self.lowest)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


def step_chart(currency: str, histories: Mapping[str, Sequence[PricePoint]], now: float) -> Chart | None:
    """The prices of some offers in one currency, each standing until the next.

    Args:
        currency: prices in others are left out, as if none had been asked meanwhile.
        histories: by listing, the oldest price first; of more than `MOST_LINES` the first are drawn.
        now: where the chart ends, in seconds since 1970.

    Returns:
        None where nothing was ever asked in it.
    """
    drawn = {one: _steps(points, currency) for one, points in histories.items()}
    drawn = {
        one: steps for one, steps in list(drawn.items())[:MOST_LINES] if any(amount is not None for _, amount in steps)
    }
    amounts = [amount for steps in drawn.values() for _, amount in steps if amount is not None]
    if not amounts:
        return None
    air = (max(amounts) or 1.0) * _AIR
    earliest = min(at for steps in drawn.values() for at, _ in steps)
    scale = _Scale(max(0.0, min(amounts) - air), max(amounts) + air, min(earliest, now - _SHORTEST_S), now)
    lines = [Line(one, _path(steps, scale), place) for place, (one, steps) in enumerate(drawn.items(), 1)]
    return Chart(currency, tuple(lines), _price_ticks(amounts, scale), _time_ticks(scale))


def _steps(points: Sequence[PricePoint], currency: str) -> list[tuple[float, float | None]]:
    return [
        (at, amount_of(point.price) if point.currency == currency else None)
        for point in points
        if (at := _seconds(point.since)) is not None
    ]


def _seconds(moment: str) -> float | None:
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _path(steps: Sequence[tuple[float, float | None]], scale: _Scale) -> str:
    """Along until the price changes, then up or down; nothing where none was asked."""
    parts, drawing = list[str](), False
    for at, amount in steps:
        x = scale.x(at)
        if drawing:
            parts.append(f"H{x:g}")
        if amount is not None:
            parts.append(f"V{scale.y(amount):g}" if drawing else f"M{x:g} {scale.y(amount):g}")
        drawing = amount is not None
    if drawing:
        parts.append(f"H{scale.x(scale.latest):g}")
    return "".join(parts)


def _price_ticks(amounts: Sequence[float], scale: _Scale) -> tuple[Tick, ...]:
    low, high = min(amounts), max(amounts)
    values = sorted({low, high}) if high - low < high * _AIR else sorted({low, (low + high) / 2, high})
    return tuple(Tick(scale.y(value), _amount(value)) for value in values)


def _amount(value: float) -> str:
    return f"{value:.2f}" if value < _LARGE else f"{value:.4g}" if value >= _HUGE else f"{value:.0f}"


def _time_ticks(scale: _Scale) -> tuple[Tick, ...]:
    form = "%H:%M" if scale.latest - scale.earliest < 2 * 86_400 else "%d %b"
    moments = [scale.earliest, (scale.earliest + scale.latest) / 2, scale.latest]
    return tuple(Tick(scale.x(at), f"{datetime.fromtimestamp(at, UTC):{form}}") for at in moments)
