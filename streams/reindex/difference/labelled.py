"""Lists beside labels that name the products."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from encoders.metrics.lists import Rates
from streams.reindex.difference.pairs import Lists, pairs_of


def label_of(value: object) -> str:
    """A label as text; anything that names no product is empty."""
    return "" if isinstance(value, bool) or not isinstance(value, str | int) else str(value).strip()


def rates_of(lists: Lists, labels: Mapping[str, str]) -> Rates:
    """How right the pairs of labelled listings are, those of others left out; judgements count as they decided.

    Args:
        lists: of a generation.
        labels: the product of each listing that is to be looked at.
    """
    found = [labels[one] == labels[other] for one, other in pairs_of(lists) if one in labels and other in labels]
    sizes = Counter(labels.values())
    return Rates(right=sum(found), found=len(found), true=sum(size * (size - 1) // 2 for size in sizes.values()))
