"""Embedding listings a batch at a time: what is kept is taken, and what is new is kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from encoders.fusion.mixing import mixed
from encoders.loading import Derive, derive_nothing
from encoders.rounding import Numbers, rounding_to
from encoders.types import Content, Embedding, Encoded, Encoder, Modality, Row
from streams.learning.cache import Dense, Key, RowCache, key_of
from streams.learning.captions import Captions
from streams.learning.telling import Telling

_KEPT_TOGETHER: Final = 2048
"""New rows to a file of the cache, so that an interrupted run loses little."""
_CAPTIONS_KEPT_TOGETHER: Final = 128
_OF_TITLES: Final = (Modality.TEXT, Modality.JOINT_TEXT)
_OF_PHOTOS: Final = (Modality.IMAGE, Modality.JOINT_IMAGE)


@dataclass(frozen=True, slots=True)
class EmbeddingSource:
    """Encoders that are loaded when they are first needed, with the rows kept from before.

    Args:
        dense: loads the encoder of photos and titles, which also makes captions.
        lexical: embeds titles by their words; cheap, so these rows are never kept.
        caches: the kept rows of each dense modality that is encoded from one content.
        derive: what derives further rows; cheap, too.
        photos: of a listing that are looked at.
        captions: what stands in for titles that say too little; None where nothing does.
        rows: what numbers they are made of.
    """

    dense: Callable[[], Encoder]
    lexical: Encoder | None
    caches: Mapping[Modality, RowCache]
    derive: Derive = derive_nothing
    photos: int = 1
    captions: Captions | None = None
    rows: Numbers = "float32"

    @property
    def looks_at_photos(self) -> bool:
        """Whether anything is made of them."""
        return self.captions is not None or any(modality in self.caches for modality in _OF_PHOTOS)


class Work:
    """Embeds a batch at a time and keeps what is new.

    Args:
        source: of rows and captions.
        telling: where warnings go.
    """

    def __init__(self, source: EmbeddingSource, telling: Telling) -> None:
        self._source, self._telling = source, telling
        self._new: dict[Modality, dict[Key, Dense]] = {modality: {} for modality in source.caches}
        self._new_captions: dict[Key, str] = {}
        self._without_caption: set[Key] = set()

    def embed(self, contents: Mapping[str, Content]) -> list[Embedding]:
        """The embeddings, in the order given."""
        self._compute_missing(contents, self._new)
        found = self._found(list(contents.values()))
        captions = self._source.captions
        if captions is None:
            return found
        said = {one: Content(self._caption(content) or None) for one, content in contents.items()}
        self._compute_missing(said, [Modality.TEXT])
        generated = self._found(list(said.values()))
        return [
            rows if self._failed(content, captions) else {**rows, **self._described(rows, about, captions.spec.share)}
            for content, rows, about in zip(contents.values(), found, generated, strict=True)
        ]

    def keep(self) -> None:
        """Put what is new on disk."""
        for modality, rows in self._new.items():
            self._source.caches[modality].add(rows)
            self._new[modality] = {}
        if self._source.captions:
            self._source.captions.cache.add(self._new_captions)
            self._new_captions = {}

    def _found(self, contents: Sequence[Content]) -> list[Embedding]:
        """Rows that are kept by now, and those that never are."""
        lexical = self._source.lexical
        words = lexical.encode([Content(one.title) for one in contents]) if lexical else None
        return [
            {**self._dense_rows(content), **(words[i].embedding if words else {})} for i, content in enumerate(contents)
        ]

    def _dense_rows(self, content: Content) -> dict[Modality, Row]:
        rows = {
            modality: self._row(modality, key) for modality, key in _keys_of(content).items() if modality in self._new
        }
        return {modality: row for modality, row in rows.items() if row is not None}

    def _row(self, modality: Modality, key: Key) -> Dense | None:
        row = self._new[modality].get(key)
        return self._source.caches[modality].get(key) if row is None else row

    def _caption(self, content: Content) -> str | None:
        """What is said of its photos where its title says too little; None where that is not known, or not asked."""
        captions = self._source.captions
        if captions is None or not captions.wanted(content):
            return None
        key = _key_of_photos(content)
        return self._new_captions.get(key, captions.cache.get(key))

    def _failed(self, content: Content, captions: Captions) -> bool:
        """Whether its caption failed: rows of the title alone would be other ones than the next time."""
        if not captions.wanted(content) or self._caption(content) is not None:
            return False
        return _key_of_photos(content) in self._without_caption

    def _compute_missing(self, contents: Mapping[str, Content], modalities: Collection[Modality]) -> None:
        missing = {one: self._missing(content, modalities) for one, content in contents.items()}
        missing = {one: parts for one, parts in missing.items() if parts != Content()}
        if not missing:
            return
        encoded = self._source.dense().encode(list(missing.values()))
        for (one, parts), result in zip(missing.items(), encoded, strict=True):
            for reason in dict.fromkeys(result.failures.values()):
                self._telling.warn(f"listing '{one}': {reason}; it is compared without")
            self._take(one, parts, result, modalities)
        rows = max((len(rows) for rows in self._new.values()), default=0)
        if rows >= _KEPT_TOGETHER or len(self._new_captions) >= _CAPTIONS_KEPT_TOGETHER:
            self.keep()

    def _described(self, own: Embedding, generated: Embedding, share: float) -> dict[Modality, Row]:
        """Rows of the title together with the caption, of whichever there is."""
        rounded = rounding_to(self._source.rows)
        pairs = {modality: modality.stands_in_for for modality in Modality if modality.stands_in_for}
        rows = {modality: mixed(own.get(one), generated.get(one), share) for modality, one in pairs.items()}
        return {modality: rounded(row) for modality, row in rows.items() if row is not None}

    def _missing(self, content: Content, modalities: Collection[Modality]) -> Content:
        keys = {modality: key for modality, key in _keys_of(content).items() if modality in modalities}
        needed = {
            modality for modality, key in keys.items() if modality in self._new and self._row(modality, key) is None
        }
        captions = self._source.captions
        undescribed = captions is not None and captions.wanted(content) and self._caption(content) is None
        looks = undescribed or not needed.isdisjoint(_OF_PHOTOS)
        return Content(
            title=None if needed.isdisjoint(_OF_TITLES) else content.title,
            image=content.image if looks else None,
            described=content.title or "" if undescribed else None,
            further=content.further if looks else (),
        )

    def _take(self, listing_id: str, parts: Content, encoded: Encoded, modalities: Collection[Modality]) -> None:
        for modality, key in _keys_of(parts).items():
            row = encoded.embedding.get(modality) if modality in modalities else None
            if isinstance(row, np.ndarray) and np.isfinite(row).all():
                self._new[modality][key] = row
            elif row is not None:
                reason = f"its {modality} embedding is not a number in some places"
                self._telling.warn(f"listing '{listing_id}': {reason}; it is compared without")
        caption = encoded.generated.caption
        if parts.described is not None and (caption or not encoded.failures):
            self._new_captions[_key_of_photos(parts)] = caption or ""
        elif parts.described and Modality.TEXT_OR_CAPTION not in encoded.embedding:
            self._without_caption.add(_key_of_photos(parts))


def _keys_of(content: Content) -> dict[Modality, Key]:
    """What each modality's row of a content is known by."""
    keys = dict.fromkeys(_OF_TITLES, key_of(content.title)) if content.title is not None else {}
    return {**keys, **(dict.fromkeys(_OF_PHOTOS, _key_of_photos(content)) if content.photos else {})}


def _key_of_photos(content: Content) -> Key:
    keys = [key_of(photo) for photo in content.photos]
    return keys[0] if len(keys) == 1 else key_of(b"".join(keys))
