"""Match lists beside a known truth, in pairs of listings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from streams.events import Match


@dataclass(frozen=True, slots=True)
class Score:
    """How many pairs of listings were found.

    Args:
        products: how many there truly are.
        right: pairs found that are one product.
        wrong: pairs found that are not.
        missed: pairs of one product that were not found.
    """

    products: int
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the pairs found that are right; 1 when none was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the true pairs that were found; 1 when there are none."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def score(lists: Mapping[str, Sequence[Match]], truth: Mapping[str, str]) -> Score:
    """Compare lists with the product of each listing. A pair is found when either list has it."""
    found = {frozenset((one, match.listing_id)) for one, matches in lists.items() for match in matches}
    right = sum(1 for pair in found if len({truth[one] for one in pair}) == 1)
    sizes = Counter(truth.values())
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    return Score(len(sizes), right, len(found) - right, pairs - right)
