"""What goes into an encoder and what comes out of it: content down, NumPy rows up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Modality(StrEnum):
    """One way of looking at a listing; each has an embedding and a similarity of its own."""

    IMAGE = "image"
    TEXT = "text"
    JOINT = "joint"
    LEXICAL = "lexical"

    @property
    def sparse(self) -> bool:
        """Whether embeddings of this modality are `SparseRow`s."""
        return self is Modality.LEXICAL

    @property
    def derived(self) -> bool:
        """Whether its rows are computed from those of other modalities, not from content."""
        return self is Modality.JOINT


class Numeric(StrEnum):
    """A number that a listing states or that its words have; features of the joint encoder."""

    LOG_PRICE = "log_price"
    WORDS = "words"
    NUMBERS = "numbers"
    ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True, eq=False)
class SparseRow:
    """A unit-length row with few entries that are not zero.

    Args:
        indices: (n,) uint32, strictly growing.
        values: (n,) float32.
    """

    indices: NDArray[np.uint32]
    values: NDArray[np.float32]


Row = NDArray[np.float32] | SparseRow
"""One embedding in one modality: (d,) float32 of unit length, or a `SparseRow`."""

Embedding = Mapping[Modality, Row]
"""A listing's embedding in each modality it has; a modality it lacks is absent."""


@dataclass(frozen=True, slots=True)
class Content:
    """What of a listing is looked at.

    Args:
        title: the text, or None if there is none to encode.
        image: the image file's bytes as published, not yet decoded, or None.
    """

    title: str | None = None
    image: bytes | None = None


@dataclass(frozen=True, slots=True)
class Encoded:
    """The embedding of one content, and why a modality is missing although content was given.

    Args:
        embedding: one row for each modality that worked.
        failures: modality to reason in words, as for an image that can't be decoded.
    """

    embedding: Embedding
    failures: Mapping[Modality, str] = field(default_factory=dict)


class Encoder(Protocol):
    """Turns contents into embeddings, a batch at a time.

    `encode` blocks for as long as the model needs; callers with an event loop run it in a thread.
    """

    @property
    def dimensions(self) -> Mapping[Modality, int]:
        """Length of the rows of each dense modality."""

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        """Embed each content, in the order given. One bad image never spoils the others."""
