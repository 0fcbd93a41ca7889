"""Lexical rows: hashed words and character n-grams of a title, weighted by how rare they are.

Model numbers decide in many categories, and a dense text encoder blurs them. There is no vocabulary
to keep: features are hashed. There is an IDF table, and it is frozen: a weight that moved with the
catalogue would change similarities that nobody recomputes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from sklearn.feature_extraction import FeatureHasher

from encoders.types import SparseRow

_WORD = re.compile(r"\d+(?:[.,]\d+)+|\w+")
_FIT_BATCH = 4096


@dataclass(frozen=True, slots=True)
class LexicalShape:
    """Which features a title has, and how much they count.

    Args:
        bits: words are hashed into the buckets [0, 2**bits), characters into [2**bits, 2**(bits + 1)).
        words: shortest and longest run of words that is a feature. The words of a run are joined
            without a space, so that '64 gb' and '64gb' meet.
        characters: shortest and longest run of characters within a word, its two ends included.
        word_share: part of the similarity that is due to words, the rest to characters; in [0, 1].
        limit: features kept per title, the heaviest first.
    """

    bits: int = 18
    words: tuple[int, int] = (1, 2)
    characters: tuple[int, int] = (3, 4)
    word_share: float = 0.6
    limit: int = 128


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
    """Turns titles into sparse rows of unit length, every value above zero."""

    def __init__(self, shape: LexicalShape, idf: Idf = FLAT) -> None:
        self._shape = shape
        self._idf = idf

    def encode(self, titles: Sequence[str | None]) -> list[SparseRow | None]:
        """One row per title; None where the title has no letter and no digit."""
        return [self._row(buckets) for buckets in buckets_of(titles, self._shape)]

    def _row(self, buckets: NDArray[np.uint32]) -> SparseRow | None:
        if not buckets.size:
            return None
        values = self._idf.of(buckets).astype(np.float64)
        is_word = buckets < 2**self._shape.bits
        for part, share in ((is_word, self._shape.word_share), (~is_word, 1 - self._shape.word_share)):
            values[part] *= np.sqrt(share) / max(float(np.linalg.norm(values[part])), 1e-12)
        kept = np.sort(np.argsort(-values, kind="stable")[: self._shape.limit])
        kept = kept[values[kept] > 0]
        unit = values[kept] / np.linalg.norm(values[kept])
        return SparseRow(buckets[kept], unit.astype(np.float32))


def buckets_of(titles: Sequence[str | None], shape: LexicalShape) -> list[NDArray[np.uint32]]:
    """The buckets of each title's features, strictly growing; none for a title without a word."""
    split = [_WORD.findall(_normalise(title or "")) for title in titles]
    hasher = FeatureHasher(2**shape.bits, input_type="string", alternate_sign=False, dtype=np.float32)
    words = _rows(hasher, (_word_runs(words, shape.words) for words in split))
    characters = _rows(hasher, (_character_runs(words, shape.characters) for words in split))
    offset = np.uint32(2**shape.bits)
    return [np.concatenate([first, second + offset]) for first, second in zip(words, characters, strict=True)]


def _rows(hasher: FeatureHasher, features: Iterable[Iterable[str]]) -> list[NDArray[np.uint32]]:
    matrix = hasher.transform(features)
    bounds = zip(matrix.indptr[:-1], matrix.indptr[1:], strict=True)
    return [np.unique(matrix.indices[start:end]).astype(np.uint32) for start, end in bounds]


def _normalise(title: str) -> str:
    """Case, accents and width folded."""
    decomposed = unicodedata.normalize("NFKD", title).casefold()
    return unicodedata.normalize("NFKC", "".join(c for c in decomposed if not unicodedata.combining(c)))


def _word_runs(words: list[str], lengths: tuple[int, int]) -> Iterator[str]:
    for length in range(lengths[0], lengths[1] + 1):
        for start in range(len(words) - length + 1):
            yield "".join(words[start : start + length])


def _character_runs(words: list[str], lengths: tuple[int, int]) -> Iterator[str]:
    for word in words:
        ended = f" {word} "
        for length in range(lengths[0], lengths[1] + 1):
            for start in range(max(len(ended) - length + 1, 1)):
                yield ended[start : start + length]


def fit_idf(titles: Iterable[str], shape: LexicalShape) -> Idf:
    """Learn how rare each bucket is: ln((1 + n) / (1 + n_with)) + 1, as scikit-learn smooths it."""
    counts = np.zeros(2 ** (shape.bits + 1), dtype=np.int64)
    total = 0
    stream = iter(titles)
    while batch := list(islice(stream, _FIT_BATCH)):
        found = [buckets for buckets in buckets_of(batch, shape) if buckets.size]
        total += len(found)
        for buckets in found:
            counts[buckets] += 1
    seen = np.flatnonzero(counts)
    weights = np.log((1 + total) / (1 + counts[seen])) + 1
    return Idf(seen.astype(np.uint32), weights.astype(np.float32), unseen=float(np.log(1 + total) + 1))


def read_idf(path: Path) -> Idf:
    """Read what `Idf.to_bytes` wrote.

    Raises:
        ValueError: the file is not such a table.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            indices, weights, unseen = (file.get_tensor(name) for name in ("indices", "weights", "unseen"))
    except (SafetensorError, OSError) as error:
        raise ValueError(f"IDF table '{path}': {error}") from error
    return Idf(indices, weights, float(unseen[0]))
