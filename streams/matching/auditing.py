"""The audit: matches drawn whatever their score, so that what people say of them holds for all matches.

Pairs that people look at because they are doubtful say little of the others. So matches are also shown in an order that
a hash of their two ids makes, which knows nothing of scores, sellers or time. Which of the judged pairs are of that
sample follows from the same hash: nothing is stored beside the verdicts, and how a pair came to be judged is no matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import Final

Pair = tuple[str, str]

_JUDGED, _OF = 9, 10
"""New matches come in between those that were judged; so many of ten have to be."""

_BITS: Final = 53


def lot(one: str, other: str) -> float:
    """The place of two listings, in either order, in the audit: in [0, 1), the lowest first.

    It knows nothing of scores. So the matches with the lowest lots are a random sample of all matches, and what
    people say of them estimates the precision of all, without bias. Nothing needs to be stored for it, and everybody
    draws the same.
    """
    content = "\0".join(sorted((one, other))).encode("utf-8", "surrogatepass")
    return float(int.from_bytes(blake2b(content, digest_size=8).digest()) >> (64 - _BITS)) * 2.0**-_BITS


def by_lot(matches: Iterable[Pair]) -> list[Pair]:
    """Matches in the order of the audit."""
    return sorted(matches, key=lambda pair: (lot(*pair), pair))


def audited(ordered: Sequence[Pair], judged: Collection[Pair]) -> list[Pair]:
    """The judged pairs that stand for all matches.

    Of the matches in the order of the audit, the longest beginning counts of which at least nine in ten are judged.
    Pairs beyond it were judged for a reason of their own and stand for themselves.

    Args:
        ordered: what the model matches by itself; of the unjudged ones `enough_unjudged` will do, the first.
        judged: whatever was looked at.
    """
    flags = [pair in judged for pair in ordered]
    counts = enumerate(accumulate(flags), start=1)
    length = max((place for place, count in counts if count * _OF >= place * _JUDGED), default=0)
    return [pair for pair, flag in zip(ordered[:length], flags, strict=False) if flag]


def enough_unjudged(judged: int) -> int:
    """How many unjudged matches, the first in the order of the audit, say where it ends: with more, too few are judged.

    Args:
        judged: how many pairs are.
    """
    return judged * (_OF - _JUDGED) // _JUDGED + 1


def clusters_of(pairs: Sequence[Pair]) -> list[int]:
    """The same number for pairs that listings connect: they are right or wrong together."""
    parent: dict[str, str] = {}

    def root(one: str) -> str:
        while (above := parent.setdefault(one, one)) != one:
            parent[one] = parent[above]
            one = above
        return one

    for one, other in pairs:
        parent[root(one)] = root(other)
    numbers: dict[str, int] = {}
    return [numbers.setdefault(root(one), len(numbers)) for one, _ in pairs]
