"""Pairs of listings that are one product, as labels: what is connected by pairs is one product."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from streams.learning.pair_files import Pair
from streams.learning.telling import Telling

LARGEST = 200
"""Listings that pairs may connect; a chain of wrong pairs connects more than any product has."""


def labels_of_pairs(pairs: Iterable[Pair], *, largest: int = LARGEST, telling: Telling | None = None) -> dict[str, str]:
    """The label of each listing that is in a pair: the smallest id of all that pairs connect it with.

    Args:
        pairs: in any order, either way round, as often as may be.
        largest: listings of one label; where pairs connect more, that is told and they are left out.
        telling: where warnings go.

    Returns:
        By listing id, sorted.
    """
    return merged_labels({}, pairs, largest=largest, telling=telling)


def merged_labels(
    labels: Mapping[str, str], pairs: Iterable[Pair], *, largest: int = LARGEST, telling: Telling | None = None
) -> dict[str, str]:
    """Labels to which pairs add listings, and which they join.

    What is connected, by pairs or by having one label, has one label afterwards: the smallest of those it had, or
    the smallest listing id where it had none.

    Args:
        labels: of listings.
        pairs: of the same listings or of others, in any order.
        largest: listings that pairs may connect; where they connect more, that is told, and labels stay as they were.
        telling: where warnings go; joined labels are told, too, since whoever gave them took them for different.

    Returns:
        By listing id, sorted.
    """
    telling = telling or Telling()
    merged: dict[str, str] = {}
    taken = set(labels.values())
    for group in _connected(labels, pairs):
        had = {one: labels[one] for one in group if one in labels}
        names = sorted(set(had.values()))
        if len(group) > largest and (len(names) != 1 or len(had) < len(group)):
            telling.warn(_crowd(group, largest))
            merged.update(had)
            continue
        if len(names) > 1:
            telling.warn(f"pairs join what has {len(names)} labels, such as '{names[0]}' and '{names[1]}'")
        merged.update(dict.fromkeys(group, names[0] if names else _unlike(group[0], taken)))
    return dict(sorted(merged.items()))


def kept_apart(labels: Mapping[str, str], different: Iterable[Pair], telling: Telling) -> dict[str, str]:
    """Labels that say of pairs, too, that they are two products: a listing without one gets its own.

    Two that have one label although somebody said that they differ are left out, and that is told: one of both is
    wrong, and nobody knows which.
    """
    apart, taken, wrong = dict(labels), set(labels.values()), set[Pair]()
    for pair in different:
        for one in pair:
            if one not in apart:
                apart[one] = _unlike(one, taken)
                taken.add(apart[one])
        if apart[pair[0]] == apart[pair[1]]:
            wrong.add(pair)
    if wrong:
        one, other = min(wrong)
        telling.warn(
            f"{len(wrong)} pairs are said to be different and have one label, '{one}' and '{other}' among them:"
            " these listings are left out"
        )
    left_out = {one for pair in wrong for one in pair}
    return dict(sorted((one, label) for one, label in apart.items() if one not in left_out))


def _connected(labels: Mapping[str, str], pairs: Iterable[Pair]) -> list[list[str]]:
    """Groups of connected listings, sorted. A label is a node of the graph, too, behind all listings."""
    pairs = {pair for pair in pairs if pair[0] != pair[1]}
    listing_ids = sorted({*labels, *chain.from_iterable(pairs)})
    place = {one: number for number, one in enumerate(listing_ids)}
    products = {one: number for number, one in enumerate(sorted(set(labels.values())), start=len(place))}
    edges = [(place[one], place[other]) for one, other in pairs]
    edges += [(place[one], products[label]) for one, label in labels.items()]
    one, other = np.array(edges, dtype=np.intp).reshape(-1, 2).T
    size = len(place) + len(products)
    graph = coo_array((np.ones(len(edges), dtype=np.int8), (one, other)), shape=(size, size))
    groups: dict[int, list[str]] = {}
    for listing_id, group in zip(listing_ids, connected_components(graph, directed=False)[1].tolist(), strict=False):
        groups.setdefault(group, []).append(listing_id)
    return list(groups.values())


def _unlike(listing_id: str, taken: set[str]) -> str:
    """The id itself, or something like it where another product is labelled so."""
    label = listing_id
    while label in taken:
        label = f"listing {label}"
    return label


def _crowd(group: list[str], largest: int) -> str:
    return (
        f"pairs connect {len(group)} listings, '{group[0]}' among them, where one product may have {largest}: "
        "these pairs are left out; make stricter ones, as by a higher --likeness or --score of 'matchstream positives'"
    )
