"""Compare match lists pair for pair, and with the truth.

    python tests/benchmarks/compare.py LISTINGS.jsonl REFERENCE.jsonl OTHER.jsonl ...

The listings carry the truth in `product_id`; the other files are what `matchstream match -o` wrote.
The exit code is 1 if any pair differs from the first file's.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import orjson

from streams.cli.truth import score
from streams.events import Match

Lists = dict[str, list[Match]]


def read_lists(file: str) -> Lists:
    """What `matchstream match` wrote."""
    entries = map(orjson.loads, Path(file).read_bytes().splitlines())
    return {one["listing_id"]: [Match.from_json(match) for match in one["matches"]] for one in entries}


def mean_f1_per_listing(lists: Lists, truth: dict[str, str]) -> float:
    """F1 of each listing's list, itself included in the list and in its product, averaged."""
    products = defaultdict(set)
    for listing_id, product_id in truth.items():
        products[product_id].add(listing_id)
    scores = []
    for listing_id, product_id in truth.items():
        found = {listing_id} | {match.listing_id for match in lists[listing_id]}
        scores.append(2 * len(found & products[product_id]) / (len(found) + len(products[product_id])))
    return sum(scores) / len(scores)


def differences(first: Lists, other: Lists) -> tuple[set[tuple[str, str]], float]:
    """Pairs that only one of the two has, and how far the similarities of the others are apart at most."""
    a, b = pairs(first), pairs(other)
    apart = max((abs(a[pair].similarity - b[pair].similarity) for pair in a.keys() & b.keys()), default=0.0)
    return set(a.keys() ^ b.keys()), apart


def pairs(lists: Lists) -> dict[tuple[str, str], Match]:
    """Every entry of every list."""
    return {(listing_id, match.listing_id): match for listing_id, matches in lists.items() for match in matches}


def main() -> int:
    """Print the comparison; the exit code says whether anything differs."""
    listings, *files = sys.argv[1:]
    raw = [orjson.loads(line) for line in Path(listings).read_bytes().splitlines()]
    truth = {one["listing_id"]: str(one["product_id"]) for one in raw}
    first = read_lists(files[0])
    result = score(first, truth)
    print(f"{files[0]}: {len(first)} listings, {len(pairs(first))} entries")
    print(f"  pairs: {result.right} right, {result.wrong} wrong, {result.missed} missed")
    print(
        f"  pairwise precision {result.rates.precision:.3f}, recall {result.rates.recall:.3f}, F1 {result.rates.f1:.3f}"
    )
    print(f"  mean F1 per listing {mean_f1_per_listing(first, truth):.3f}")
    code = 0
    for file in files[1:]:
        different, apart = differences(first, read_lists(file))
        print(f"{file}: {len(different)} entries differ, similarities at most {apart:.4f} apart")
        code |= bool(different)
    return code


if __name__ == "__main__":
    sys.exit(main())
