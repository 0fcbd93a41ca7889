"""Which contents of a listing are embedded already, so that nothing is embedded twice.

A content's seal is a digest of the content, one of the rows made from it and, where models said something
of it, one of that. All of it is reused only where it agrees with what is read from the index, so that a
point caught in the middle of a change is never taken for what it says it is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import orjson

from encoders.bundle import CaptionSpec, Manifest
from encoders.types import NOTHING_GENERATED, Embedding, Generated, Modality
from streams.events import EmbeddingEvent, Listing, Seals
from streams.events.rows import digest_of_rows
from streams.index.port import Index, Point, View
from streams.stages import state

TITLE: Final = "title"
IMAGE: Final = "image"
"""All photos that are looked at."""
WORDS: Final = "words"
"""The title and, where it says too little, the photos beside it."""
MODALITIES_OF: Final = {
    TITLE: (Modality.TEXT, Modality.LEXICAL, Modality.JOINT_TEXT),
    IMAGE: (Modality.IMAGE, Modality.JOINT_IMAGE),
    WORDS: (Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION),
}
"""Which modalities are made from which content. Captions are made of the words, tags of the photos."""
_BETWEEN: Final = "\0"
"""What stands in no title and no link."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What of a listing is looked at; its bundle says so.

    Args:
        modalities: that have rows.
        photos: of a listing, the first ones.
        captions: which titles say too little; None where no photo is described.
    """

    modalities: frozenset[Modality] = frozenset({Modality.TEXT, Modality.IMAGE, Modality.LEXICAL})
    photos: int = 1
    captions: CaptionSpec | None = None

    @classmethod
    def of(cls, bundle: Manifest) -> Self:
        """What a bundle looks at."""
        return cls(bundle.modalities, bundle.photos, bundle.captions)

    @property
    def at_photos(self) -> bool:
        """Whether it looks at photos at all."""
        return self.captions is not None or bool(self.made_of(IMAGE))

    def made_of(self, name: str) -> tuple[Modality, ...]:
        """The modalities that it makes of a content."""
        return tuple(modality for modality in MODALITIES_OF[name] if modality in self.modalities)

    def photos_of(self, listing: Listing) -> tuple[str, ...]:
        """Where the photos are that it looks at."""
        return listing.photos[: self.photos] if self.at_photos else ()

    def described(self, listing: Listing) -> bool:
        """Whether it has the photos of this listing described, for its title says too little."""
        return self.captions is not None and self.captions.wanted(listing.title or "")


PLAIN: Final = Looks()
"""At a title and a photo."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a listing's contents.

    Args:
        seals: of those that are known whole; the rows of others may be of some of their photos only.
        generated: what models said of them.
    """

    embedding: Embedding = field(default_factory=dict)
    seals: Seals = field(default_factory=dict)
    generated: Generated = NOTHING_GENERATED

    @classmethod
    def of_event(cls, event: EmbeddingEvent) -> Self:
        """What an event says."""
        return cls(event.embedding, event.seals, event.generated)

    @classmethod
    def of_point(cls, point: Point) -> Self:
        """What is stored."""
        return cls(point.raw, point.payload.get(state.SEALS, {}), state.generated_of(point.payload))

    def only(self, name: str) -> Looked:
        """What of it belongs to one content."""
        rows = {modality: self.embedding[modality] for modality in MODALITIES_OF[name] if modality in self.embedding}
        caption = self.generated.caption if name == WORDS else None
        tags = self.generated.tags if name == IMAGE else {}
        return Looked(rows, {name: self.seals[name]} if name in self.seals else {}, Generated(caption, tags))


NOTHING: Final = Looked()


def contents_of(listing: Listing, looks: Looks = PLAIN) -> dict[str, str]:
    """The contents a listing has, by name, as what tells one from another: its title, and where its photos are."""
    title, photos = listing.title or "", looks.photos_of(listing)
    contents = {
        TITLE: title if looks.made_of(TITLE) else "",
        IMAGE: _BETWEEN.join(photos) if looks.made_of(IMAGE) else "",
        WORDS: _BETWEEN.join((title, *photos) if looks.described(listing) else (title,)) if looks.captions else "",
    }
    return {name: text for name, text in contents.items() if text}


def seals_of(
    contents: Mapping[str, str], embedding: Embedding, generated: Generated = NOTHING_GENERATED
) -> dict[str, str]:
    """The seals of contents whose rows are in the embedding."""
    known = Looked(embedding, {}, generated)
    return {name: _seal(text, one) for name, text in contents.items() if (one := known.only(name)).embedding}


def joined(parts: Sequence[Looked]) -> Looked:
    """What several say of one version of a listing together, in whatever order they came.

    A content that is known whole is taken whole, from the last who has it. Where nobody has, nothing is lost
    that anybody has, and a caption keeps the row that it is in.
    """
    contents = [_joined([part.only(name) for part in parts]) for name in MODALITIES_OF]
    tags = {name: tag for one in contents for name, tag in one.generated.tags.items()}
    return Looked(
        {modality: row for one in contents for modality, row in one.embedding.items()},
        {name: seal for one in contents for name, seal in one.seals.items()},
        Generated(next((one.generated.caption for one in contents if one.generated.caption), None), tags),
    )


def _joined(parts: Sequence[Looked]) -> Looked:
    """The same of one content."""
    whole = [part for part in parts if part.seals]
    if whole:
        return whole[-1]
    said_last = sorted(parts, key=lambda part: bool(part.generated))
    rows = {modality: row for part in said_last for modality, row in part.embedding.items()}
    return Looked(rows, {}, said_last[-1].generated if said_last else NOTHING_GENERATED)


async def reusable(listings: Mapping[str, Listing], index: Index, looks: Looks = PLAIN) -> dict[str, Looked]:
    """What needs no encoder, for each listing that is known: most updates change no content, so all is read at once."""
    points = await index.read(listings, views=[View.RAW], fields=[state.SEALS, state.GENERATED])
    return {i: _reusable(Looked.of_point(point), contents_of(listings[i], looks)) for i, point in points.items()}


def _reusable(stored: Looked, contents: Mapping[str, str]) -> Looked:
    now = seals_of(contents, stored.embedding, stored.generated)
    return joined([stored.only(name) for name, seal in now.items() if stored.seals.get(name) == seal])


def _seal(text: str, known: Looked) -> str:
    said = [f".{_digest(_in_order(known.generated))}"] if known.generated else []
    return "".join([_digest(text), ".", digest_of_rows(known.embedding.values()), *said])


def _in_order(generated: Generated) -> str:
    tags = sorted((name, tag.word, tag.probability) for name, tag in generated.tags.items())
    return orjson.dumps([generated.caption, tags]).decode()


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
