"""Match lists beside a known truth, in pairs of listings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from encoders.metrics.lists import Rates
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
    def rates(self) -> Rates:
        """Precision, recall and F1 of the pairs."""
        return Rates(self.right, self.right + self.wrong, self.right + self.missed)


def score(lists: Mapping[str, Sequence[Match]], truth: Mapping[str, str]) -> Score:
    """Compare lists with the product of each listing. A pair is found when either list has it."""
    found = {frozenset((one, match.listing_id)) for one, matches in lists.items() for match in matches}
    right = sum(1 for pair in found if len({truth[one] for one in pair}) == 1)
    sizes = Counter(truth.values())
    pairs = sum(size * (size - 1) // 2 for size in sizes.values())
    return Score(len(sizes), right, len(found) - right, pairs - right)
