"""A difference as JSON: everything that was found out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from encoders.metrics.lists import Rates
from streams.reindex.difference.difference import CategoryCounts, Difference
from streams.reindex.difference.judged import Judged, figures_of, interval
from streams.reindex.difference.pairs import Pair
from streams.reindex.difference.products import Regrouped
from streams.reindex.difference.seen import Seen

_DECIMALS: Final = 6


def to_json(difference: Difference) -> dict[str, Any]:
    """Every figure, and every pair and product that would change."""
    lists, products = difference.lists, difference.products
    return {
        "live": difference.live,
        "generation": difference.name,
        "behind": dict(difference.lag),
        "told_by_other_generations": difference.told_by_others,
        "listings": {"live": lists.listings[0], "generation": lists.listings[1], "concerned": len(lists.concerned)},
        "pairs": {
            "live": lists.before,
            "generation": lists.after,
            "kept": lists.kept,
            "gained": len(lists.gained),
            "lost": len(lists.lost),
            "share": round(lists.share, _DECIMALS),
        },
        "products": {"merged": len(products.merged), "split": len(products.split)},
        "categories": [_category(name, counts) for name, counts in difference.categories.items()],
        "judgements": _judgements(difference),
        "labels": _labels(difference),
        "gained": [_pair(pair, difference) for pair in difference.gained],
        "lost": [_pair(pair, difference) for pair in difference.lost],
        "merged": [_regrouped(one) for one in products.merged],
        "split": [_regrouped(one) for one in products.split],
        "titles": {one: listing.title for one, listing in sorted(difference.listings.items())},
    }


def _category(name: str, counts: CategoryCounts) -> dict[str, Any]:
    return {
        "category": name or None,
        "live": counts.before,
        "generation": counts.after,
        "gained": counts.gained,
        "lost": counts.lost,
        "share": round(counts.share, _DECIMALS),
    }


def _judgements(difference: Difference) -> dict[str, Any] | None:
    if not difference.judged:
        return None
    figures = figures_of(difference.judged)
    return {
        "same": figures.same,
        "different": figures.different,
        "live": _judged_rates(figures.before),
        "generation": _judged_rates(figures.after),
        "disagreements": [_judged(one) for one in difference.disagreed],
    }


def _judged_rates(rates: Rates) -> dict[str, Any]:
    return {
        "right": rates.right,
        "found": rates.found,
        "precision": _share(rates.right, rates.found),
        "recall": _share(rates.right, rates.true),
    }


def _share(right: int, total: int) -> dict[str, Any] | None:
    found = interval(right, total)
    if found is None:
        return None
    bounds = [round(found.low, _DECIMALS), round(found.high, _DECIMALS)]
    return {"share": round(found.share, _DECIMALS), "interval_95": bounds}


def _judged(one: Judged) -> dict[str, Any]:
    return {
        "listing_ids": list(one.pair),
        "verdict": one.verdict,
        "by": one.by,
        "live": _seen(one.before),
        "generation": _seen(one.after),
    }


def _labels(difference: Difference) -> dict[str, Any] | None:
    if difference.labelled is None:
        return None
    return {name: _rates(rates) for name, rates in zip(("live", "generation"), difference.labelled, strict=True)}


def _rates(rates: Rates) -> dict[str, Any]:
    shares = {name: round(getattr(rates, name), _DECIMALS) for name in ("precision", "recall", "f1")}
    return {**asdict(rates), **shares}


def _pair(pair: Pair, difference: Difference) -> dict[str, Any]:
    before, after = difference.seen[pair]
    return {"listing_ids": list(pair), "live": _seen(before), "generation": _seen(after)}


def _seen(seen: Seen) -> dict[str, Any]:
    match = seen.match
    return {
        "place": seen.place,
        "similarity": None if match is None else match.similarity,
        "evidence": {} if match is None else dict(match.evidence),
    }


def _regrouped(one: Regrouped) -> dict[str, Any]:
    return {"listing_ids": list(one.members), "parts": _as_lists(one.parts)}


def _as_lists(parts: Iterable[tuple[str, ...]]) -> list[list[str]]:
    return [list(part) for part in parts]
