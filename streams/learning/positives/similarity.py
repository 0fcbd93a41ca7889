"""How alike texts are, for queries and titles alike: by their words, or by a bundle's text encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from encoders.bundle import Bundle, LexicalSpec
from encoders.lexical import LexicalEncoder, fit_idf
from encoders.loading import load_encoder
from encoders.types import Content, Modality, SparseRow
from streams.errors import SettingsError
from streams.learning.encoders_of import only
from streams.learning.telling import Telling
from streams.matching.rows import Floats, SparseRows
from streams.settings import Settings

Rows: TypeAlias = NDArray[np.float32] | csr_array
"""(n, d) unit rows; zero where a text says nothing."""

Read = Callable[[Sequence[str]], Rows]
"""Turns texts into rows."""

T = TypeVar("T")

_DECIMALS = 6
_AT_ONCE = 1 << 16
_BATCH = 1024


def by_words(titles: Sequence[str], telling: Telling) -> Read:
    """Words and runs of characters, weighed by how rare they are in these titles."""
    spec = LexicalSpec()
    encoder = LexicalEncoder(spec, fit_idf(titles, spec))

    def read(texts: Sequence[str]) -> Rows:
        advance = telling.steps("comparing words", len(texts))
        rows: list[SparseRow | None] = []
        for some in _batches(texts):
            rows += encoder.encode(some)
            advance(len(some))
        return SparseRows.of(rows).matrix

    return read


def by_encoder(bundle: Bundle, settings: Settings, telling: Telling) -> Read:
    """The text encoder of a bundle.

    Raises:
        SettingsError: it has none.
    """
    if bundle.text is None:
        got = f"encoders of {', '.join(sorted(bundle.modalities))}"
        remedy = "name another, or leave --bundle out to compare words"
        raise SettingsError(f"bundle '{bundle.name}'", got=got, wanted="a text encoder", remedy=remedy)
    size = bundle.dimensions[Modality.TEXT]
    part = only(bundle, [Modality.TEXT])
    encoder = load_encoder(part, device=settings.device, torch_threads=settings.torch_threads)

    def read(texts: Sequence[str]) -> Rows:
        rows = np.zeros((len(texts), size), dtype=np.float32)
        # Texts of like length share a batch: little is padded
        order = sorted((place for place, text in enumerate(texts) if text.strip()), key=lambda one: len(texts[one]))
        advance = telling.steps("embedding", len(order))
        for places in _batches(order):
            encoded = encoder.encode([Content(texts[place]) for place in places])
            rows[places] = np.stack([np.asarray(one.embedding[Modality.TEXT]) for one in encoded])
            advance(len(places))
        return rows

    return read


def _batches(everything: Sequence[T]) -> Iterator[Sequence[T]]:
    return (everything[start : start + _BATCH] for start in range(0, len(everything), _BATCH))


def similarities(rows: Rows, one: NDArray[np.intp], other: NDArray[np.intp]) -> Floats:
    """The cosine of each two rows, (t,) float64 to six decimals; each two different ones are compared once."""
    size = max(rows.shape[0], 1)
    codes, back = np.unique(one * size + other, return_inverse=True)
    found = np.empty(len(codes))
    for start in range(0, len(codes), _AT_ONCE):
        first, second = np.divmod(codes[start : start + _AT_ONCE], size)
        found[start : start + _AT_ONCE] = _dots(rows[first], rows[second])
    cosines: Floats = np.round(found, _DECIMALS)[back]
    return cosines


def _dots(one: Rows, other: Rows) -> Floats:
    if isinstance(one, np.ndarray):
        dense: Floats = np.einsum("ij,ij->i", one, other, dtype=np.float64)
        return dense
    sparse: Floats = np.asarray(one.multiply(other).sum(axis=1)).ravel()
    return sparse
