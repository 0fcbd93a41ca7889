"""How telling each word is, learned once and frozen: nothing a decision looks at may move with the catalogue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from math import log

from pydantic import BaseModel, ConfigDict, Field

from streams.matching.details import Details
from streams.matching.scoring.tokens import Kind, tokens_of

WEIGHTED = (Kind.WORDS, Kind.PIECES)
"""The kinds whose tokens have weights."""

_UNIT = 64
"""Weights are whole multiples of 1 / 64, so that sums of them are exact in any order."""
_SEEN_OFTEN = 2


class WordWeights(BaseModel):
    """With how many products of a sample each token goes.

    Args:
        products: how many there were.
        counts: per weighted kind, token to number of products; those of a single product are left out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    products: int = Field(default=0, ge=0)
    counts: Mapping[Kind, Mapping[str, int]] = Field(default_factory=dict)

    def of(self, kind: Kind, tokens: Iterable[str]) -> list[float]:
        """ln((1 + n) / (1 + n_with)) of each, as scikit-learn smooths it; unseen ones weigh most."""
        counts = self.counts.get(kind, {})
        seen = [counts.get(one, 1) for one in tokens]
        weights = {number: round(log((1 + self.products) / (1 + number)) * _UNIT) / _UNIT for number in set(seen)}
        return [weights[number] for number in seen]


def learn_weights(details: Sequence[Details], labels: Sequence[str]) -> WordWeights:
    """The weights of a sample of listings, by the products that have a token.

    Counting listings would make what several offers of one product share look common, and pairs that are
    learned from unlike those that are judged later.
    """
    products: dict[str, list[Details]] = defaultdict(list)
    for one, label in zip(details, labels, strict=True):
        products[label].append(one)
    counters: dict[Kind, Counter[str]] = {kind: Counter() for kind in WEIGHTED}
    for listings in products.values():
        for kind, counter in counters.items():
            counter.update({token for one in listings for token in tokens_of(one)[kind]})
    counts = {
        kind: {token: count for token, count in sorted(counter.items()) if count >= _SEEN_OFTEN}
        for kind, counter in counters.items()
    }
    return WordWeights(products=len(products), counts=counts)
