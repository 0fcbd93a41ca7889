"""What `matchstream bench matching` found, in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import reduce
from itertools import pairwise
from operator import add
from typing import Any, Final

from streams.benchmarks import Goal, Report, Spread, Table, ratio, spread
from streams.benchmarks.looking import Cost
from streams.benchmarks.serving import SERVES_PER_S, serves_up_to

_AT_MOST: Final = 1.5
_FROM, _TO = 10_000, 100_000

Costs = Mapping[str, Cost]
"""By stage."""


@dataclass(frozen=True, slots=True)
class Round:
    """New listings and updates, taken through the stages once.

    Args:
        added: what the stages took for new listings.
        new: how many these were.
        changed: what they took for updates.
        updates: how many these were.
    """

    added: Costs
    new: int
    changed: Costs
    updates: int

    @property
    def cost(self) -> Costs:
        """Of both."""
        return {name: one + self.changed[name] for name, one in self.added.items()}

    @property
    def whole(self) -> Cost:
        """Of all stages."""
        return reduce(add, self.cost.values())

    @property
    def listings(self) -> int:
        """That were taken."""
        return self.new + self.updates

    @property
    def per_s(self) -> float:
        """Listings a second."""
        return self.listings / self.whole.seconds


Measured = Mapping[int, Sequence[Round]]
"""By the size of the catalogue."""


def report_of(measured: Measured, options: Mapping[str, Any]) -> Report:
    """The whole report."""
    found = {str(size): [asdict(one) for one in rounds] for size, rounds in measured.items()}
    tables = [_time(measured), _asked(measured)]
    embedded = options["index"] == "embedded"
    return Report(
        "matching",
        dict(options),
        tables,
        found,
        [_goal(measured, embedded=embedded)],
        [*_notes(measured, embedded=embedded)],
    )


def growth(measured: Measured, small: int, large: int) -> Spread:
    """How many times as long a listing takes in the larger catalogue, compared within each round."""
    return ratio({str(size): [one.per_s for one in measured[size]] for size in (small, large)}, str(small), str(large))


def _ms(rounds: Sequence[Round]) -> Spread:
    return spread([1000 / one.per_s for one in rounds])


def _time(measured: Measured) -> Table:
    rows = []
    for size, rounds in measured.items():
        added = [1000 * reduce(add, one.added.values()).seconds / one.new for one in rounds]
        changed = [1000 * reduce(add, one.changed.values()).seconds / one.updates for one in rounds]
        stages = [
            spread([1000 * one.cost[name].seconds / one.listings for one in rounds]).median for name in rounds[0].cost
        ]
        shown = [
            f"{_ms(rounds):.2f}",
            *(f"{one:.2f}" for one in stages),
            f"{spread(added):.2f}",
            f"{spread(changed):.2f}",
        ]
        rows.append([f"{size:,}", *shown])
    columns = ["listings", "ms a listing", "index", "blend", "match", "new ones", "updates"]
    return Table("Milliseconds a listing: all, by stage, new ones and updates; median (least to most)", columns, rows)


def _asked(measured: Measured) -> Table:
    rows = []
    for size, rounds in measured.items():
        whole, listings = reduce(add, (one.whole for one in rounds)), sum(one.listings for one in rounds)
        of = {name: reduce(add, (one.cost[name] for one in rounds)) for name in rounds[0].cost}
        trips = [f"{one.round_trips / one.batches:.1f}" for one in of.values()]
        each = [whole.round_trips / listings, whole.queries / listings, whole.hits / max(1, whole.queries)]
        rows.append([f"{size:,}", *trips, *(f"{one:.2f}" for one in each)])
    columns = ["listings", "index", "blend", "match", "round trips a listing", "queries a listing", "hits a query"]
    return Table("Round trips for a batch of each stage, and what the index is asked for a listing", columns, rows)


def _goal(measured: Measured, *, embedded: bool) -> Goal:
    wanted = f"on a Qdrant server a listing takes at most {_AT_MOST} times as long among {_TO:,} as among {_FROM:,}"
    if embedded:
        return Goal(wanted, "this is the embedded index; give --index server", None)
    if not {_FROM, _TO} <= measured.keys():
        return Goal(wanted, f"sizes were {', '.join(f'{size:,}' for size in measured)}", None)
    grown = growth(measured, _FROM, _TO)
    return Goal(wanted, f"{grown:.2f} times", grown.median <= _AT_MOST)


def _notes(measured: Measured, *, embedded: bool) -> Iterator[str]:
    sizes = list(measured)
    for small, large in pairwise(sizes):
        grown = growth(measured, small, large)
        yield f"Among {large:,} listings one takes {grown:.2f} times as long as among {small:,}."
    yield "Time is this process's, of all its cores." if embedded else "Time is by the clock: the server works, too."
    limit = serves_up_to({size: _ms(rounds).median for size, rounds in measured.items()})
    if embedded and limit is not None:
        yield (
            f"The embedded index compares every query with every listing: at about {limit:,} it takes fewer than "
            f"{SERVES_PER_S:g} listings a second, if time goes on growing as between the last two sizes."
        )
