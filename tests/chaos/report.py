"""What a run was and what was found, as JSON and in a table."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from chaos.checks import Findings
from chaos.run import Injected, Record


def as_json(record: Record, findings: Findings) -> dict[str, Any]:
    """Everything, for `docs/reliability`."""
    return {
        "events": record.acknowledged,
        "sent_again": record.sent_again,
        "listings": findings.listings,
        "matched": findings.matched,
        "seed": record.plan.seed,
        "faults": len(record.faults),
        "by_kind": {kind: _kind(record, kind) for kind in sorted({one.kind for one in record.faults})},
        "calls_of_the_index_met": record.calls_met,
        "requests_of_images_met": record.images_met,
        "workers_ended": {str(code): times for code, times in sorted(record.ends.items())},
        "poison": findings.poison,
        "duplicates": findings.duplicates,
        "lost": len(findings.lost),
        "wrong": len(findings.wrong),
        "recovery_s": _spread(record.faults),
        "drained_s": round(record.drained_s, 1),
        "seconds": round(record.seconds, 1),
    }


def as_lines(record: Record, findings: Findings) -> Iterator[str]:
    """The same for who watches."""
    told = as_json(record, findings)
    yield f"{told['events']} events about {told['listings']} listings, {told['faults']} faults, {told['seconds']:.0f} s"
    for kind, times in Counter(one.kind for one in record.faults).most_common():
        yield f"  {times:4d}  {kind}"
    yield f"  {record.calls_met:4d}  calls of the index met trouble, {record.images_met} requests of images"
    yield f"workers ended: {told['workers_ended']} (by exit code; 75: paused past its session)"
    recovery = told["recovery_s"]
    yield f"all stages work again: median {recovery['median']} s, 95% {recovery['p95']} s, longest {recovery['max']} s"
    yield f"sent again by sellers {record.sent_again}, delivered twice {findings.duplicates}, poison {findings.poison}"
    yield f"lost {len(findings.lost)}, wrong {len(findings.wrong)}"
    yield from findings.shown()


def _kind(record: Record, kind: str) -> dict[str, Any]:
    some = [one for one in record.faults if one.kind == kind]
    return {"times": len(some), "recovery_s": _spread(some)}


def _spread(faults: Sequence[Injected]) -> dict[str, float | int]:
    """Of the seconds until all stages worked again, and how often that took too long."""
    took = sorted(one.recovered_s for one in faults if one.recovered_s is not None)
    if not took:
        return {"median": 0.0, "p95": 0.0, "max": 0.0, "not_within_120_s": len(faults)}
    return {
        "median": round(statistics.median(took), 1),
        "p95": round(took[min(len(took) - 1, int(0.95 * len(took)))], 1),
        "max": round(took[-1], 1),
        "not_within_120_s": len(faults) - len(took),
    }
