"""The tokens of many pairs side by side: what is on both sides, and what is on one only.

Sets become rows of a sparse matrix over (kind, token); the difference of two rows tells everything. No
Python runs per pair, and every number is a whole one or a multiple of 1/64, so that it is the same in
whatever batch and order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from streams.matching.details import Details
from streams.matching.pairs import Pairs, Places
from streams.matching.rows import Floats
from streams.matching.scoring.tokens import Kind, TokenKind, tokens_of
from streams.matching.scoring.vocabulary import KINDS, PLACE, Vocabulary
from streams.matching.scoring.weights import WEIGHTED, WordWeights


@dataclass(frozen=True, slots=True)
class Columns:
    """Everything comparisons look at, of p pairs. The last axis, of length 2, is the two listings.

    Args:
        pairs: the pairs, with their similarities.
        sizes: (p, kinds, 2) how many tokens each has.
        only: (p, kinds, 2) how many only it has.
        weights: (p, weighted kinds, 2) how much its tokens weigh.
        weights_only: (p, weighted kinds, 2) how much those weigh that only it has.
        heaviest_only: (p, weighted kinds, 2) the heaviest that only it has.
    """

    pairs: Pairs
    sizes: Floats
    only: Floats
    weights: Floats
    weights_only: Floats
    heaviest_only: Floats

    def size(self, kind: TokenKind) -> Floats:
        """(p, 2) how many tokens each has."""
        return self.sizes[:, PLACE[kind]]

    def alone(self, kind: TokenKind) -> Floats:
        """(p, 2) how many only it has, the fewer first."""
        return np.sort(self.only[:, PLACE[kind]], axis=1)

    def shared(self, kind: TokenKind) -> Floats:
        """(p,) how many both have."""
        place = PLACE[kind]
        result: Floats = self.sizes[:, place, 0] - self.only[:, place, 0]
        return result

    def weight(self, kind: Kind) -> Floats:
        """(p, 2) how much the tokens of each weigh."""
        return self.weights[:, WEIGHTED.index(kind)]

    def weight_alone(self, kind: Kind) -> Floats:
        """(p, 2) how much those weigh that only it has, the lighter side first."""
        return np.sort(self.weights_only[:, WEIGHTED.index(kind)], axis=1)

    def weight_shared(self, kind: Kind) -> Floats:
        """(p,) how much those weigh that both have."""
        place = WEIGHTED.index(kind)
        result: Floats = self.weights[:, place, 0] - self.weights_only[:, place, 0]
        return result

    def heaviest_alone(self, kind: Kind) -> Floats:
        """(p, 2) the heaviest that only it has, the lighter side first."""
        return np.sort(self.heaviest_only[:, WEIGHTED.index(kind)], axis=1)


@dataclass(frozen=True, slots=True)
class Side:
    """The tokens of the listings on one side.

    Args:
        tokens: (n, v) 1 where a listing has a token.
        sizes: (n, kinds) how many of each kind.
        weights: (n, weighted kinds) how much they weigh.
    """

    tokens: csr_array
    sizes: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Incidence:
    """The tokens of the listings of some pairs.

    Args:
        owners: those of the owners.
        others: those of the others.
        kinds: (v,) place in `KINDS` of each token.
        weights: (v,) weight of each; 0 in kinds without weights.
    """

    owners: Side
    others: Side
    kinds: Places
    weights: Floats

    @classmethod
    def of(cls, pairs: Pairs, weights: WordWeights) -> Incidence:
        """Code the tokens of every listing that is in some pair."""
        vocabulary = Vocabulary()
        together = pairs.others is pairs.owners
        used = np.concatenate([pairs.own, pairs.other]) if together else pairs.own
        owners = _coded(pairs.owners, used, vocabulary)
        others = owners if together else _coded(pairs.others, pairs.other, vocabulary)
        kinds, weighed = vocabulary.kinds(), vocabulary.weights(weights)
        first = _side(owners, kinds, weighed)
        return cls(first, first if together else _side(others, kinds, weighed), kinds, weighed)

    def columns(self, pairs: Pairs) -> Columns:
        """Those of some of the pairs."""
        difference = (self.owners.tokens[pairs.own] - self.others.tokens[pairs.other]).tocsr()
        rows = np.repeat(np.arange(len(pairs)), np.diff(difference.indptr))
        sides = (difference.data < 0).astype(np.intp)
        shape = len(pairs), len(KINDS), 2
        cells = np.ravel_multi_index((rows, self.kinds[difference.indices], sides), shape)
        weights = self.weights[difference.indices]
        return Columns(
            pairs,
            np.stack([self.owners.sizes[pairs.own], self.others.sizes[pairs.other]], axis=-1),
            _sums(cells, np.ones(len(cells)), shape),
            np.stack([self.owners.weights[pairs.own], self.others.weights[pairs.other]], axis=-1),
            _sums(cells, weights, shape)[:, _WEIGHTED],
            _greatest(cells, weights, shape)[:, _WEIGHTED],
        )


_WEIGHTED = [KINDS.index(kind) for kind in WEIGHTED]

_Coded = tuple[list[int], list[int]]
"""Token codes one listing after the other, and where each listing ends."""


def _coded(details: Sequence[Details], used: Places, vocabulary: Vocabulary) -> _Coded:
    needed = np.zeros(len(details), dtype=bool)
    needed[used] = True
    codes: list[int] = []
    ends = [0]
    for listing, there in zip(details, needed.tolist(), strict=True):
        if there:
            for kind, tokens in tokens_of(listing).items():
                codes.extend(vocabulary.codes(kind, tokens))
        ends.append(len(codes))
    return codes, ends


def _side(coded: _Coded, kinds: Places, weights: Floats) -> Side:
    codes, ends = coded
    shape = len(ends) - 1, max(len(kinds), 1)
    tokens = csr_array((np.ones(len(codes)), np.array(codes, dtype=np.intp), np.array(ends)), shape=shape)
    tokens.sort_indices()
    rows = np.repeat(np.arange(shape[0]), np.diff(tokens.indptr))
    cells = np.ravel_multi_index((rows, kinds[tokens.indices]), (shape[0], len(KINDS)))
    table = shape[0], len(KINDS)
    sizes = _sums(cells, np.ones(len(cells)), table)
    weighed = _sums(cells, weights[tokens.indices], table)
    return Side(tokens, sizes, weighed[:, _WEIGHTED])


def _sums(cells: Places, values: Floats, shape: tuple[int, ...]) -> Floats:
    """The sum of the values in each cell."""
    return np.bincount(cells, values, minlength=int(np.prod(shape))).astype(np.float64).reshape(shape)


def _greatest(cells: Places, weights: Floats, shape: tuple[int, int, int]) -> Floats:
    """The greatest weight in each cell, 0 in an empty one."""
    result = np.zeros(int(np.prod(shape)))
    np.maximum.at(result, cells, weights)
    return result.reshape(shape)
