"""An encoder without torch: rows drawn from hashes, so that near titles get near rows at no cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from encoders.bundle import LexicalSpec
from encoders.lexical import LexicalEncoder
from encoders.types import Content, Encoded, Modality, Row

BROKEN = b"broken"
"""An image that starts with this can't be decoded."""

IMAGE_NOISE = 0.3
"""Length of what tells two photos of one thing apart, where the thing itself has length 1."""


class HashEncoder:
    """Embeds contents by hashing alone: the same in every process, whatever shares the batch.

    A title's text row is the sum of one pseudo-random direction per word, so that the similarity of
    two titles is about the share of words they have in common. An image's row is the direction of
    the bytes before the first space, with a little of all its bytes: `b"shoe 1"` and `b"shoe 2"` are
    two photos of one shoe, of similarity 0.92. The lexical row is the product's own, without IDF.

    Args:
        dimensions: length of the rows of each dense modality; a modality not in it is never embedded.
        lexical: whether there are lexical rows.
    """

    def __init__(self, dimensions: Mapping[Modality, int] | None = None, *, lexical: bool = True) -> None:
        self._dimensions = dict({Modality.TEXT: 32, Modality.IMAGE: 32} if dimensions is None else dimensions)
        self._lexical = LexicalEncoder(LexicalSpec()) if lexical else None
        self.encoded = 0
        """How many contents were encoded so far."""

    @property
    def dimensions(self) -> Mapping[Modality, int]:
        return self._dimensions

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        self.encoded += len(contents)
        return [self._encode_one(content) for content in contents]

    def _encode_one(self, content: Content) -> Encoded:
        embedding: dict[Modality, Row] = {}
        failures: dict[Modality, str] = {}
        words = (content.title or "").casefold().split()
        if words and Modality.TEXT in self._dimensions:
            embedding[Modality.TEXT] = self._sum(Modality.TEXT, [(word.encode(), 1.0) for word in words])
        if self._lexical and (row := self._lexical.encode([content.title])[0]) is not None:
            embedding[Modality.LEXICAL] = row
        if content.image is not None and Modality.IMAGE in self._dimensions:
            if not content.image or content.image.startswith(BROKEN):
                failures[Modality.IMAGE] = "not an image"
            else:
                thing = content.image.split(b" ", 1)[0]
                parts = [(thing, 1.0), (b"whole " + content.image, IMAGE_NOISE)]
                embedding[Modality.IMAGE] = self._sum(Modality.IMAGE, parts)
        return Encoded(embedding, failures)

    def _sum(self, modality: Modality, parts: Iterable[tuple[bytes, float]]) -> NDArray[np.float32]:
        size = self._dimensions[modality]
        total = np.sum([weight * _direction(token, size) for token, weight in parts], axis=0)
        row: NDArray[np.float32] = (total / np.linalg.norm(total)).astype(np.float32)
        return row


def _direction(token: bytes, size: int) -> NDArray[np.float64]:
    """A unit direction of `size` dimensions that depends on the token alone."""
    seed = int.from_bytes(blake2b(token, digest_size=8).digest(), "big")
    direction = np.random.default_rng(seed).standard_normal(size)
    unit: NDArray[np.float64] = direction / np.linalg.norm(direction)
    return unit
