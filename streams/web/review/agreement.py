"""How far people agree, with each other and beyond what chance would bring about."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final, NamedTuple

_MOST_TWOS: Final = 20


class Said(NamedTuple):
    """One person's vote.

    Attributes:
        pair: the two listings, in order.
        by: who.
        verdict: same, different or unsure.
    """

    pair: tuple[str, str]
    by: str
    verdict: str


class Together(NamedTuple):
    """Several votes on the same pairs.

    Attributes:
        pairs: with two votes at least.
        agreed: of the pairs of votes on them, those that are equal.
        compared: all pairs of votes on them.
        kappa: Fleiss' kappa; None where there is nothing to tell by.
    """

    pairs: int
    agreed: int
    compared: int
    kappa: float | None


class Two(NamedTuple):
    """Two people on the pairs that both voted on.

    Attributes:
        kappa: Cohen's kappa; None where there is nothing to tell by.
    """

    one: str
    other: str
    pairs: int
    agreed: int
    kappa: float | None


def together(votes: Iterable[Said]) -> Together:
    """Agreement between all who voted on one pair; pairs with a single vote say nothing."""
    by_pair: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for vote in votes:
        by_pair[vote.pair][vote.verdict] += 1
    counts = [one for one in by_pair.values() if one.total() > 1]
    agreed = sum(_twos(number) for one in counts for number in one.values())
    return Together(len(counts), agreed, sum(_twos(one.total()) for one in counts), fleiss_kappa(counts))


def in_twos(votes: Iterable[Said]) -> list[Two]:
    """Agreement between each two people, those with the most pairs in common first."""
    by_pair: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for vote in votes:
        by_pair[vote.pair][vote.by] = vote.verdict
    common: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for said in by_pair.values():
        for one, other in combinations(sorted(said), 2):
            common[one, other].append((said[one], said[other]))
    most = sorted(common.items(), key=lambda item: (-len(item[1]), item[0]))[:_MOST_TWOS]
    return [Two(one, other, len(both), sum(a == b for a, b in both), cohen_kappa(both)) for (one, other), both in most]


def fleiss_kappa(counts: Sequence[Mapping[str, int]]) -> float | None:
    """Agreement beyond chance of any number of people, two at least on each pair: 1 is full, 0 is what chance makes.

    Source: Fleiss, 'Measuring nominal scale agreement among many raters', Psychological Bulletin 76, 1971; with
    different numbers of votes each pair counts the same.

    Args:
        counts: of each pair, how many said what.

    Returns:
        None where there is no pair, or where all said the same of all pairs: chance would agree as well.
    """
    if not counts:
        return None
    said: Counter[str] = sum((Counter(one) for one in counts), Counter())
    chance = sum((number / said.total()) ** 2 for number in said.values())
    agreed = [sum(map(_twos, one.values())) / _twos(sum(one.values())) for one in counts]
    return _beyond(sum(agreed) / len(agreed), chance)


def cohen_kappa(both: Sequence[tuple[Hashable, Hashable]]) -> float | None:
    """Agreement beyond chance of two who looked at the same pairs: 1 is full, 0 is what chance makes.

    Source: Cohen, 'A coefficient of agreement for nominal scales', Educational and Psychological Measurement 20, 1960.

    Args:
        both: of each pair, what the one and what the other said.

    Returns:
        None where there is no pair, or where both said the same one thing of all.
    """
    if not both:
        return None
    ones, others = Counter(a for a, _ in both), Counter(b for _, b in both)
    chance = sum(number * others[name] for name, number in ones.items()) / len(both) ** 2
    return _beyond(sum(a == b for a, b in both) / len(both), chance)


def _beyond(agreed: float, chance: float) -> float | None:
    return None if chance >= 1 else (agreed - chance) / (1 - chance)


def _twos(number: int) -> int:
    return number * (number - 1) // 2
