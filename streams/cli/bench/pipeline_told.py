"""What `matchstream bench pipeline` found, in tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from encoders.bundle import Bundle
from streams.benchmarks import Goal, Report, Table, ratio, spread
from streams.cli.bench.latency import Latencies
from streams.cli.bench.load import Load
from streams.cli.bench.traffic import Left
from streams.settings import Settings

ALONE: Final = "encoders alone"
PIPELINE: Final = "pipeline"
_WANTED: Final = 0.85
_GOAL_BATCH: Final = 64
_WHOSE: Final = {
    ALONE: "encoders alone: reading photos and encoding",
    "worker": "pipeline: the worker, all stages",
    "broker": "pipeline: the broker",
    "command": "pipeline: this command, which publishes, looks how far it is, and reads `matches`",
}


@dataclass(frozen=True, slots=True)
class Prices:
    """The same listings at other prices, after they went through.

    Args:
        per_s: updates a second, by round.
        worker_ms: milliseconds of processors that the worker used for each; 0 where that is not known.
    """

    per_s: Sequence[float]
    worker_ms: Sequence[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured.

    Args:
        listings: that count, each round; those before them warm it up.
        per_s: listings a second of both cases, by round.
        processor_ms: milliseconds of processors for each listing, by who used them and by round.
        in_hand: the share of the time in which each stage had a batch in hand, by round.
        prices: updates of prices alone.
        latencies: at half load; None where it was left out.
        left: what lay in topics and index after all listings, likewise.
    """

    settings: Settings
    bundle: Bundle
    load: Load
    listings: int
    per_s: Mapping[str, Sequence[float]]
    processor_ms: Mapping[str, Sequence[float]]
    in_hand: Mapping[str, Sequence[float]]
    prices: Prices
    latencies: Latencies | None = None
    left: Left | None = None

    def to_json(self) -> dict[str, Any]:
        """For machines."""
        rows = {str(modality): size for modality, size in self.bundle.dimensions.items()}
        found: dict[str, Any] = {
            "bundle": {"name": self.bundle.name, "digest": self.bundle.digest, "rows": rows},
            "number_bytes": 2 if getattr(self.bundle, "rows", "float32") == "float16" else 4,
            "index": self.settings.index,
            "listings": self.listings,
            "listings_per_s": dict(self.per_s),
            "ratio": asdict(ratio(self.per_s, PIPELINE, ALONE)),
            "processor_ms": dict(self.processor_ms),
            "in_hand": dict(self.in_hand),
            "prices_per_s": self.prices.per_s,
            "price_ms": self.prices.worker_ms,
        }
        if self.left is not None:
            found["topics"], found["price_topics"] = self.left.of_a_listing(), self.left.of_a_price()
            found["stored_bytes"] = self.left.stored.of_a_listing()
        if self.latencies is not None:
            late = self.latencies
            about = {"listings": len(late.seconds), "unheard": late.unheard, "partitions": late.partitions}
            found["latency"] = {"per_s": late.per_s, **about, "seconds": late.quantiles()}
        return found


def report_of(measured: Measured, options: Mapping[str, Any]) -> Report:
    """The whole report."""
    return Report(
        "pipeline",
        {**options, "batch_size": measured.settings.batch_size},
        list(_tables(measured)),
        measured.to_json(),
        [_goal(measured)],
        list(_notes(measured, embedded=bool(options["embedded"]))),
    )


def _goal(measured: Measured) -> Goal:
    found = ratio(measured.per_s, PIPELINE, ALONE)
    wanted = f"at least {_WANTED} of the encoders alone, with one worker at batches of {_GOAL_BATCH}"
    batch = measured.settings.batch_size
    got = f"{found:.2f}" if batch == _GOAL_BATCH else f"{found:.2f} at batches of {batch}"
    return Goal(wanted, got, found.median >= _WANTED if batch == _GOAL_BATCH else None)


def _tables(measured: Measured) -> Iterator[Table]:
    rows = [[name, f"{spread(values):.1f}"] for name, values in measured.per_s.items()]
    rows.append(["ratio", f"{ratio(measured.per_s, PIPELINE, ALONE):.2f}"])
    rows.append(["the same at other prices", f"{spread(measured.prices.per_s):.1f}"])
    title = f"{measured.listings} listings ({measured.load.origin}), bundle '{measured.bundle.name}'"
    yield Table(title, ["median (least to most)", "listings/s"], rows)
    used = [[_WHOSE[name], f"{spread(values):.1f}"] for name, values in measured.processor_ms.items()]
    used.append(["pipeline at other prices: the worker", f"{spread(measured.prices.worker_ms):.1f}"])
    yield Table("Seconds of processors", ["whose", "ms a listing"], used)
    busy = [[name, f"{spread(values):.2f}"] for name, values in measured.in_hand.items() if any(values)]
    yield Table("The worker's stages", ["stage", "share of the time with a batch in hand"], busy)
    if measured.latencies is not None:
        yield _latency_table(measured.latencies)
    if measured.left is not None:
        yield _left_table(measured.left)


def _latency_table(late: Latencies) -> Table:
    found = late.quantiles()
    title = f"From publishing to the first match event, {late.per_s:.1f} listings a second"
    return Table(title, ["listings", *found], [[str(len(late.seconds)), *(f"{one:.2f} s" for one in found.values())]])


def _left_table(left: Left) -> Table:
    prices = left.of_a_price()
    rows = [
        [name, f"{one['records']:.2f}", f"{one['bytes']:,.0f}", f"{prices[name]['records']:.2f}"]
        for name, one in left.of_a_listing().items()
        if one["records"]
    ]
    stored = left.stored.of_a_listing()
    sizes = ", ".join(f"{name} {size:,.0f}" for name, size in stored.items())
    rows.append([f"index: {sizes}", "1.00", f"{sum(stored.values()):,.0f}", ""])
    columns = ["where", "records a listing", "bytes a listing", "records for another price"]
    return Table("What a listing leaves behind", columns, rows)


def _notes(measured: Measured, *, embedded: bool) -> Iterator[str]:
    yield "Drained is when every stage has committed, which it does about once a second; encoders alone commit nothing."
    if embedded:
        yield "The broker in memory keeps nothing on disk; figures of Kafka are those that count."
    if "broker" not in measured.processor_ms:
        yield "What the broker used is not known; it is where 'make kafka' started it in this folder."
    late = measured.latencies
    if late is not None:
        yield (
            f"Published evenly at half the rate above into {late.partitions} partitions, each listing new;"
            f" {late.unheard} without an event, though an empty list is one, too. The clock is this command's."
        )
