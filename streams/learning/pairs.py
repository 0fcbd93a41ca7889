"""Pairs of listings that are one product, as labels: what is connected by pairs is one product."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from streams.errors import SettingsError
from streams.learning.telling import Telling

Pair = tuple[str, str]

LARGEST = 200
"""Listings that pairs may connect; a chain of wrong pairs connects more than any product has."""

_BOM = b"\xef\xbb\xbf"
_WANTED = 'an object with two listing ids, "a" and "b"'
_REMEDY = "make the file with 'matchstream positives CLICKS.jsonl LISTINGS.jsonl -o PAIRS.jsonl'"


def read_pairs(file: Path) -> list[Pair]:
    """The pairs of a JSONL file, one `{"a": ..., "b": ...}` a line; other fields and empty lines are passed over.

    Raises:
        SettingsError: the file can't be read or holds no pair, or one of its lines is none.
    """
    try:
        with file.open("rb") as lines:
            found = list(_pairs(lines, f"file '{file}'"))
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"file '{file}'", got=reason, wanted="a file of pairs", remedy="check the path") from error
    if not found:
        raise SettingsError(f"file '{file}'", got="no pair", wanted="at least one", remedy=_REMEDY)
    return found


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


def _pairs(lines: Iterable[bytes], subject: str) -> Iterator[Pair]:
    """Of each listing one text is kept, however many pairs it is in."""
    known: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        content = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if content:
            one, other = _pair(content, f"{subject}, line {number}")
            yield known.setdefault(one, one), known.setdefault(other, other)


def _pair(line: bytes, subject: str) -> Pair:
    try:
        value: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise SettingsError(subject, got=f"no JSON ({error})", wanted=_WANTED, remedy=_REMEDY) from error
    if not isinstance(value, dict):
        raise SettingsError(subject, got=f"a JSON {type(value).__name__}", wanted=_WANTED, remedy=_REMEDY)
    for name in ("a", "b"):
        if not isinstance(value.get(name), str) or not value[name].strip():
            got = f'"{name}": {value[name]!r}' if name in value else f'no "{name}"'
            raise SettingsError(subject, got=got, wanted=_WANTED, remedy=_REMEDY)
    if value["a"] == value["b"]:
        raise SettingsError(subject, got=f"'{value['a']}' with itself", wanted="two listings", remedy=_REMEDY)
    return value["a"], value["b"]
