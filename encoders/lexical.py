"""Lexical rows: hashed words and runs of characters of a title, weighted by how rare they are.

Model numbers decide in many categories, and a dense text encoder blurs them. There is no vocabulary
to keep: features are hashed. There is an IDF table, and it is frozen: a weight that moved with the
catalogue would change similarities that nobody recomputes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from sklearn.feature_extraction import FeatureHasher

from encoders.bundle import LexicalSpec
from encoders.errors import BundleError
from encoders.types import SparseRow

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")
_ACCENTS = re.compile("[\u0300-\u036f]")
_UNIT_LETTERS = 3
_FIT_BATCH = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Idf:
    """Frozen inverse document frequencies.

    Args:
        indices: (n,) uint32, the buckets seen, strictly growing.
        weights: (n,) float32, their weights.
        unseen: the weight of every other bucket.
    """

    indices: NDArray[np.uint32]
    weights: NDArray[np.float32]
    unseen: float

    def of(self, buckets: NDArray[np.uint32]) -> NDArray[np.float32]:
        """The weight of each bucket."""
        if not self.indices.size:
            return np.full(buckets.shape, self.unseen, dtype=np.float32)
        at = np.minimum(np.searchsorted(self.indices, buckets), self.indices.size - 1)
        found = self.indices[at] == buckets
        return np.where(found, self.weights[at], np.float32(self.unseen))

    def to_bytes(self) -> bytes:
        """As a safetensors file."""
        unseen = np.array([self.unseen], dtype=np.float32)
        return save({"indices": self.indices, "weights": self.weights, "unseen": unseen})


FLAT = Idf(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.float32), unseen=1.0)
"""Every feature counts the same: what is used where nothing was learned."""


class LexicalEncoder:
    """Turns titles into sparse rows of unit length, every value above zero.

    Words and characters are brought to unit length each and then weighed against each other, so that
    the similarity of two titles is `word_share` of their words' and the rest of their characters'.
    """

    def __init__(self, spec: LexicalSpec, idf: Idf = FLAT) -> None:
        self._spec = spec
        self._idf = idf

    def encode(self, titles: Sequence[str | None]) -> list[SparseRow | None]:
        """One row per title; None where the title has no letter and no digit."""
        return [self._row(buckets) for buckets in buckets_of(titles, self._spec)]

    def _row(self, buckets: NDArray[np.uint32]) -> SparseRow | None:
        if not buckets.size:
            return None
        values = self._idf.of(buckets).astype(np.float64) ** self._spec.emphasis
        words, characters = np.split(values, np.searchsorted(buckets, [2**self._spec.bits]))
        words *= np.sqrt(self._spec.word_share) / np.linalg.norm(words)
        characters *= np.sqrt(1 - self._spec.word_share) / np.linalg.norm(characters)
        kept = np.sort(np.argsort(-values, kind="stable")[: self._spec.limit])
        kept = kept[values[kept] > 0]
        unit = values[kept] / np.linalg.norm(values[kept])
        return SparseRow(buckets[kept], unit.astype(np.float32))


def buckets_of(titles: Sequence[str | None], spec: LexicalSpec) -> list[NDArray[np.uint32]]:
    """The buckets of each title's features, strictly growing; none for a title without a word."""
    if not titles:
        return []
    split = [_WORD.findall(_normalise(title or "")) for title in titles]
    hasher = FeatureHasher(2**spec.bits, input_type="string", alternate_sign=False, dtype=np.float32)
    words = _rows(hasher, (_words(words) for words in split))
    characters = _rows(hasher, (_character_runs(words, spec.characters) for words in split))
    offset = np.uint32(2**spec.bits)
    return [np.concatenate([first, second + offset]) for first, second in zip(words, characters, strict=True)]


def _rows(hasher: FeatureHasher, features: Iterable[Iterable[str]]) -> list[NDArray[np.uint32]]:
    matrix = hasher.transform(features)
    bounds = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    return [np.unique(matrix.indices[start:end]).astype(np.uint32) for start, end in bounds]


def _normalise(title: str) -> str:
    """Case, accents and width folded."""
    decomposed = unicodedata.normalize("NFKD", title).casefold()
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed))


def _words(words: list[str]) -> Iterator[str]:
    """Each word, and a number joined with the unit behind it, so that '64 gb' and '64gb' meet."""
    yield from words
    for number, unit in pairwise(words):
        if number[-1].isdigit() and unit.isalpha() and len(unit) <= _UNIT_LETTERS:
            yield number + unit


def _character_runs(words: list[str], lengths: tuple[int, int]) -> Iterator[str]:
    for word in words:
        ended = f" {word} "
        for length in range(lengths[0], lengths[1] + 1):
            for start in range(max(len(ended) - length + 1, 1)):
                yield ended[start : start + length]


def fit_idf(titles: Iterable[str], spec: LexicalSpec) -> Idf:
    """Learn how rare each bucket is: ln((1 + n) / (1 + n_with)) + 1, as scikit-learn smooths it."""
    counts = np.zeros(2 ** (spec.bits + 1), dtype=np.int64)
    total = 0
    stream = iter(titles)
    while batch := list(islice(stream, _FIT_BATCH)):
        found = [buckets for buckets in buckets_of(batch, spec) if buckets.size]
        total += len(found)
        for buckets in found:
            counts[buckets] += 1
    seen = np.flatnonzero(counts)
    weights = np.log((1 + total) / (1 + counts[seen])) + 1
    return Idf(seen.astype(np.uint32), weights.astype(np.float32), unseen=float(np.log(1 + total) + 1))


def read_idf(path: Path) -> Idf:
    """Read what `Idf.to_bytes` wrote.

    Raises:
        BundleError: the file is not such a table.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            indices, weights, unseen = (file.get_tensor(name) for name in ("indices", "weights", "unseen"))
        _check_table(indices, weights, unseen)
    except (SafetensorError, OSError, ValueError) as error:
        remedy = "make the bundle again with 'matchstream fit'"
        raise BundleError(str(path), f"no IDF table ({error})", "one that 'matchstream fit' wrote", remedy) from error
    return Idf(indices, weights, float(unseen[0]))


def _check_table(indices: NDArray[Any], weights: NDArray[Any], unseen: NDArray[Any]) -> None:
    """Refuse what a row would be wrong by, without a word: searched for in any other order, buckets are not found."""
    kinds = [(one.dtype, one.shape) for one in (indices, weights, unseen)]
    bucket, weight = np.dtype(np.uint32), np.dtype(np.float32)
    wanted = [(bucket, (indices.size,)), (weight, (indices.size,)), (weight, (1,))]
    if kinds != wanted:
        raise ValueError(f"indices, weights and unseen of {', '.join(f'{kind} {shape}' for kind, shape in kinds)}")
    if not (indices[1:] > indices[:-1]).all():
        raise ValueError("indices that do not grow")
    if not (np.isfinite(weights).all() and np.isfinite(unseen).all() and min(weights.min(initial=1), unseen[0]) > 0):
        raise ValueError("a weight that is not above zero")
