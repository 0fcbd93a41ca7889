"""Rows of tables: ways of comparing that are chosen on one half and measured on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.blends.catalogues import Halves
from benchmarks.blends.choosing import (
    NEIGHBORS,
    NONE,
    Advance,
    Chosen,
    Gain,
    best_of,
    calibrated,
    choose,
    gain,
    grid,
    measured,
)

from encoders.types import Modality
from streams.evaluation.measuring import Row
from streams.evaluation.variations import Variation
from streams.matching.policy import BlendPolicy, Combination, Policy

Weights = Mapping[Modality, float]
Tell = Callable[[str, int], Advance]
"""Told what begins and how many ways will be tried; returns what counts them."""

IMAGE: Weights = {Modality.IMAGE: 1.0}
TEXT: Weights = {Modality.TEXT: 1.0}
TITLES: Weights = {Modality.TEXT: 1.0, Modality.LEXICAL: 2.0}
NOTHING, BOTH = "no blending", "both sides blended"
BLENDED = ", blended"
_SHARES = (0.25, 0.5, 1.0, 2.0, 4.0)
_FEWER_THRESHOLDS = (0.4, 0.5, 0.6, 0.7)


@dataclass
class Table:
    """Rows that are measured one after the other on the same halves.

    Args:
        halves: where.
        tell: where progress goes.
        rows: name to row, in their order.
        chosen: what each was chosen as.
        gains: name to what a row brings over another, by that one's name.
    """

    halves: Halves
    tell: Tell
    rows: dict[str, Row] = field(default_factory=dict)
    chosen: dict[str, Chosen] = field(default_factory=dict)
    gains: dict[str, dict[str, Gain]] = field(default_factory=dict)

    def add(
        self, name: str, variations: Sequence[Variation], against: Sequence[str] = (), *, curved: bool = False
    ) -> Chosen:
        """Choose one of the variations, each with curves of its own if asked for, and measure it."""
        tune = self.halves.tune
        tried = (calibrated(tune, one) if curved else one for one in variations)
        return self.measure(name, choose(tune, tried, self.tell(name, len(variations))), against)

    def measure(self, name: str, chosen: Chosen, against: Sequence[str] = ()) -> Chosen:
        """Measure what was chosen, and compare it with rows that are there."""
        self.rows[name], self.chosen[name] = measured(self.halves.score, chosen), chosen
        self.gains[name] = {one: gain(self.rows[name], self.rows[one], self.halves.score) for one in against}
        return chosen


def blending(halves: Halves, weights: Weights, thresholds: Sequence[float], tell: Tell) -> Table:
    """No blending, a blended query against raw candidates, both sides; several K; several steps."""
    plain, table, over = Policy(weights=weights, blend=NONE), Table(halves, tell), [NOTHING]
    table.add(NOTHING, [Variation(NOTHING, plain)])
    each = [table.add(f"{BOTH}, {k} neighbors", ways_to_blend(plain, grid((k,), thresholds)), over) for k in NEIGHBORS]
    table.measure(BOTH, best_of(each), over)
    everything = list(grid(thresholds=thresholds))
    table.add("blended query, raw candidates", ways_to_blend(plain, everything, query_only=True), [*over, BOTH])
    for steps in (2, 3):
        table.add(f"{BOTH}, {steps} steps", ways_to_blend(plain, everything, steps=steps), [*over, BOTH])
    return table


def ways_to_blend(
    plain: Policy, blends: Iterable[BlendPolicy], *, steps: int = 1, query_only: bool = False
) -> list[Variation]:
    return [Variation("", plain.changed(blend=blend), steps=steps, query_only=query_only) for blend in blends]


def fusion(halves: Halves, tell: Tell) -> Table:
    """Image, text, and both together in each way; first as they are, then blended.

    Weights are chosen without blending, neighborhoods with these weights.
    """
    table = Table(halves, tell)
    for name, weights in (("image alone", IMAGE), ("text alone", TEXT)):
        _twice(table, name, [Policy(weights=weights, blend=NONE)], curved=False)
    for combination in Combination:
        shares = _SHARES if combination is Combination.MEAN else (1.0,)
        policies = [
            Policy(weights={Modality.IMAGE: 1.0, Modality.TEXT: share}, combination=combination, blend=NONE)
            for share in shares
        ]
        for curved in (False, True):
            _twice(table, f"fused by {combination}{', calibrated' if curved else ''}", policies, curved=curved)
    return table


def _twice(table: Table, name: str, policies: Sequence[Policy], *, curved: bool) -> None:
    """One row as it is, and one blended."""
    plain = [Variation("", policy) for policy in policies]
    chosen = table.add(name, plain, _alone(name, ""), curved=curved)
    policy = chosen.variation.policy.changed(calibrations={})
    blends = ways_to_blend(policy, [NONE, *grid((5, 10, 20), _FEWER_THRESHOLDS)])
    table.add(name + BLENDED, blends, [name, *_alone(name, BLENDED)], curved=curved)


def _alone(name: str, ending: str) -> list[str]:
    return [f"{one} alone{ending}" for one in ("image", "text")] if name.startswith("fused") else []
