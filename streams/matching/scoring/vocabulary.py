"""The tokens of many listings as numbers, so that sets of them can be rows of a matrix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import count

import numpy as np

from streams.matching.pairs import Places
from streams.matching.rows import Floats
from streams.matching.scoring.tokens import Kind, TokenKind
from streams.matching.scoring.weights import WEIGHTED, WordWeights
from streams.matching.variants.kinds import VetoKind

KINDS: tuple[TokenKind, ...] = (*Kind, *VetoKind)
PLACE = {kind: place for place, kind in enumerate(KINDS)}


class Vocabulary:
    """A number for each token of each kind, from 0 on as they are met."""

    def __init__(self) -> None:
        self._numbers = count()
        self._of = {kind: defaultdict[str, int](self._numbers.__next__) for kind in KINDS}

    def codes(self, kind: TokenKind, tokens: Iterable[str]) -> Iterator[int]:
        """The numbers of some tokens of a kind."""
        return map(self._of[kind].__getitem__, tokens)

    def kinds(self) -> Places:
        """(v,) the place in `KINDS` of each token."""
        result = np.empty(sum(map(len, self._of.values())), dtype=np.intp)
        for kind, known in self._of.items():
            result[list(known.values())] = PLACE[kind]
        return result

    def weights(self, weights: WordWeights) -> Floats:
        """(v,) the weight of each token; 0 in kinds without weights."""
        result = np.zeros(sum(map(len, self._of.values())))
        for kind in WEIGHTED:
            known = self._of[kind]
            result[list(known.values())] = weights.of(kind, known)
        return result
