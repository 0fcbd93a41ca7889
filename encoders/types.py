"""What goes into an encoder and what comes out of it: content down, NumPy rows up."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray


class Modality(StrEnum):
    """One way of looking at a listing; each has an embedding and a similarity of its own."""

    IMAGE = "image"
    TEXT = "text"
    JOINT_IMAGE = "joint_image"
    """The photo, in a space that it shares with texts."""
    JOINT_TEXT = "joint_text"
    """The title, in the space that it shares with photos."""
    TEXT_OR_CAPTION = "text_or_caption"
    """As `TEXT`, of the title and, where that says too little, of what a model says of the photo."""
    JOINT = "joint"
    LEXICAL = "lexical"
    LEXICAL_OR_CAPTION = "lexical_or_caption"
    """As `LEXICAL`, likewise."""

    @property
    def sparse(self) -> bool:
        """Whether embeddings of this modality are `SparseRow`s."""
        return self in {Modality.LEXICAL, Modality.LEXICAL_OR_CAPTION}

    @property
    def stands_in_for(self) -> Modality | None:
        """The modality of the seller's own words whose place it takes where these say too little."""
        return _STAND_INS.get(self)

    @property
    def derived(self) -> bool:
        """Whether its rows are computed from those of other modalities, not from content."""
        return self is Modality.JOINT


_STAND_INS: Final = {
    Modality.TEXT_OR_CAPTION: Modality.TEXT,
    Modality.LEXICAL_OR_CAPTION: Modality.LEXICAL,
}


_WORD: Final = re.compile(r"\w+")


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
"""One embedding in one modality: (d,) float32, or a `SparseRow`; of unit length, within 1e-3 where a bundle has its
rows rounded to numbers that float16 holds."""

Embedding = Mapping[Modality, Row]
"""A listing's embedding in each modality it has; a modality it lacks is absent."""


@dataclass(frozen=True, slots=True)
class Content:
    """What of a listing is looked at.

    Args:
        title: the text, or None if there is none to encode.
        image: the image file's bytes as published, not yet decoded, or None.
        described: the title, empty where there is none, if rows of `TEXT_OR_CAPTION` and `LEXICAL_OR_CAPTION` are
            wanted; None if they are not.
        further: more images of the same; the rows of all are pooled.
    """

    title: str | None = None
    image: bytes | None = None
    described: str | None = None
    further: tuple[bytes, ...] = ()

    @property
    def photos(self) -> tuple[bytes, ...]:
        """All images."""
        return (() if self.image is None else (self.image,)) + self.further


@dataclass(frozen=True, slots=True)
class Tag:
    """What a photo shows, of one list of phrases.

    Args:
        word: as users read and filter it.
        probability: that it is this one of its list, to two decimals.
    """

    word: str
    probability: float


@dataclass(frozen=True, slots=True)
class Generated:
    """What models say of a listing's photos; never to be shown as the seller's words.

    Args:
        caption: a sentence; None where none was wanted or made.
        tags: list name, as 'colour', to what of it the photo shows.
    """

    caption: str | None = None
    tags: Mapping[str, Tag] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """All of it on one line for people: the caption, then the tags that it does not name."""
        caption = self.caption or ""
        said = _spaced(caption)
        words = dict.fromkeys(tag.word for tag in self.tags.values() if _spaced(tag.word) not in said)
        return "; ".join(part for part in (caption, ", ".join(words)) if part)

    def __bool__(self) -> bool:
        return bool(self.caption or self.tags)

    def to_json(self) -> dict[str, Any]:
        """As a value in payloads and events; what is empty is left out, `line` is for readers alone."""
        tags = {name: {"word": tag.word, "probability": tag.probability} for name, tag in self.tags.items()}
        return {
            **({"caption": self.caption} if self.caption else {}),
            **({"tags": tags} if tags else {}),
            **({"line": self.line} if self else {}),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """Back from `to_json`; unknown fields are ignored.

        Raises:
            TypeError: a field is of another kind.
            KeyError: a tag lacks one.
        """
        caption, tags = value.get("caption"), value.get("tags") or {}
        if not isinstance(caption, str | None) or not isinstance(tags, Mapping):
            raise TypeError("a caption that is no text, or tags that are no object")
        read = {str(name): Tag(str(tag["word"]), float(tag["probability"])) for name, tag in tags.items()}
        return cls(caption, read)


def _spaced(text: str) -> str:
    """Its words alone, a blank around each."""
    return f" {' '.join(re.findall(_WORD, text.casefold()))} "


NOTHING_GENERATED: Final = Generated()


@dataclass(frozen=True, slots=True)
class Encoded:
    """The embedding of one content, and why a modality is missing, or made of less than the content has.

    Args:
        embedding: one row for each modality that worked.
        failures: modality to reason in words, as for an image that can't be decoded; told also where there is a row all
            the same, of other images or of the title alone.
        generated: what models say of the photos.
    """

    embedding: Embedding
    failures: Mapping[Modality, str] = field(default_factory=dict)
    generated: Generated = NOTHING_GENERATED


class Encoder(Protocol):
    """Turns contents into embeddings, a batch at a time.

    `encode` blocks for as long as the model needs; callers with an event loop run it in a thread.
    """

    @property
    def dimensions(self) -> Mapping[Modality, int]:
        """Length of the rows of each dense modality."""

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        """Embed each content, in the order given. One bad image never spoils the others."""
