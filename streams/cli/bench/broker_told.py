"""What `matchstream bench broker` found, in tables."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from streams.benchmarks import Goal, Report, Spread, Table, spread

PLAIN: Final = "plain loop"
STAGE: Final = "stage loop"
PLAIN_FORWARDS: Final = "plain loop, each message sent on"
FORWARDS: Final = "stage loop, each message sent on"
_AT_MOST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Listing:
    """What one costs in all, for comparison.

    Args:
        messages: of all topics.
        milliseconds: of processors; None where that was not measured.
    """

    messages: float = 10.0
    milliseconds: float | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything that was measured.

    Args:
        batch_size: of the loops.
        per_s: messages a second by the clock, by case and round.
        processor_us: microseconds of processors for each message, likewise.
        listing: what one costs.
    """

    batch_size: int
    per_s: Mapping[str, Sequence[float]]
    processor_us: Mapping[str, Sequence[float]]
    listing: Listing = Listing()

    def overhead_us(self, stage: str = STAGE, plain: str = PLAIN) -> Spread:
        """What the stage loop takes beyond the plain one for each message, compared within each round."""
        pairs = zip(self.processor_us[stage], self.processor_us[plain], strict=True)
        return spread([one - other for one, other in pairs])

    @property
    def share(self) -> float | None:
        """Of what a listing costs; None where that is not known."""
        if self.listing.milliseconds is None:
            return None
        return self.overhead_us().median * self.listing.messages / 1000 / self.listing.milliseconds


def listing_ms_of(pipeline: Path) -> float | None:
    """What `bench pipeline` wrote there of the worker, milliseconds of processors a listing; None if it did not."""
    try:
        return float(statistics.median(orjson.loads(pipeline.read_bytes())["measured"]["processor_ms"]["worker"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None


def report_of(measured: Measured, options: Mapping[str, Any]) -> Report:
    """The whole report."""
    listing = measured.listing
    about = {"batch_size": measured.batch_size, "per_listing": listing.messages, "listing_ms": listing.milliseconds}
    found = {
        "messages_per_s": dict(measured.per_s),
        "processor_us": dict(measured.processor_us),
        "overhead_us": asdict(measured.overhead_us()),
        "share": measured.share,
    }
    notes = list(_notes(embedded=bool(options["embedded"])))
    return Report("broker", {**options, **about}, [_table(measured)], found, [_goal(measured)], notes)


def _goal(measured: Measured) -> Goal:
    listing, over, share = measured.listing, f"{measured.overhead_us():.0f} us a message", measured.share
    if share is None:
        wanted = "the stage loop takes at most a tenth of what a listing takes beyond the plain one"
        return Goal(wanted, f"{over}, but not known what a listing takes: run bench pipeline, or --listing-ms", None)
    wanted = f"the stage loop takes at most a tenth of a listing's {listing.milliseconds:.3g} ms beyond the plain one"
    return Goal(wanted, f"{over}, {share:.1%} with {listing.messages:g} messages a listing", share <= _AT_MOST)


def _table(measured: Measured) -> Table:
    rows = [
        [name, f"{spread(measured.processor_us[name]):.0f}", f"{spread([1e6 / one for one in values]):.0f}"]
        for name, values in measured.per_s.items()
    ]
    for title, stage, plain in (("overhead", STAGE, PLAIN), ("overhead, sent on", FORWARDS, PLAIN_FORWARDS)):
        rows.append([title, f"{measured.overhead_us(stage, plain):.0f}", ""])
    columns = ["median (least to most)", "us of processors a message", "us by the clock"]
    return Table(f"Reading a topic in batches of {measured.batch_size}", columns, rows)


def _notes(*, embedded: bool) -> Iterator[str]:
    yield "Time of processors is this process's; by the clock the broker counts too, where it shares the cores."
    yield "The plain loop commits each batch and does it before it reads on; the stage loop commits once a second."
    if embedded:
        yield "The broker in memory answers late and hands out little at once: its rates say nothing of Kafka's."
