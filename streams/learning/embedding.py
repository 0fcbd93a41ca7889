"""Embedding a whole catalogue: the same rows as the stream's, taken from the cache where they are kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from encoders.bundle import Bundle
from encoders.loading import Derive, derive_nothing, load_derive, load_encoder
from encoders.types import Content, Embedding, Encoder, Modality, Row
from streams.errors import ImageFetchError
from streams.events import Listing
from streams.images import ImageFetcher, ImageSource
from streams.learning.cache import Dense, Key, RowCache, folder_of, key_of
from streams.learning.telling import Telling
from streams.settings import Settings

_KEPT_TOGETHER = 2048
"""New rows to a file of the cache, so that an interrupted run loses little."""


def embed_catalogue(
    listings: Mapping[str, Listing], bundle: Bundle, settings: Settings, kept: Path | None, telling: Telling
) -> dict[str, Embedding]:
    """The raw embedding of each listing that has one, in the order given.

    Args:
        listings: what to embed, by listing id.
        bundle: whose encoders.
        settings: device, batches and images.
        kept: folder of the rows kept from earlier runs; None computes every row.
        telling: where progress and warnings go.
    """
    source = source_of(bundle, settings, kept, telling)
    return asyncio.run(_embed(listings, source, settings, telling))


@dataclass(frozen=True, slots=True)
class EmbeddingSource:
    """Encoders that are loaded when they are first needed, with the rows kept from before.

    Args:
        dense: loads the encoder of images and text.
        lexical: embeds titles by their words; cheap, so these rows are never kept.
        caches: the kept rows of each dense modality that is encoded.
        derive: what derives further rows; cheap, too.
    """

    dense: Callable[[], Encoder]
    lexical: Encoder | None
    caches: Mapping[Modality, RowCache]
    derive: Derive = derive_nothing


def source_of(bundle: Bundle, settings: Settings, kept: Path | None, telling: Telling) -> EmbeddingSource:
    """The encoders of a bundle."""

    def load(part: Bundle) -> Encoder:
        return load_encoder(
            part, device=settings.device, torch_threads=settings.torch_threads, max_pixels=settings.image_max_pixels
        )

    loaded: list[Encoder] = []

    def dense() -> Encoder:
        if not loaded:
            loaded.append(load(replace(bundle, lexical=None)))
        return loaded[0]

    caches = {
        modality: RowCache(folder_of(bundle, modality, kept) if kept else None, size, telling.warn)
        for modality, size in bundle.dimensions.items()
        if not modality.derived
    }
    lexical = load(replace(bundle, text=None, image=None, dimensions={})) if bundle.lexical else None
    return EmbeddingSource(dense, lexical, caches, load_derive(bundle))


async def _embed(
    listings: Mapping[str, Listing], source: EmbeddingSource, settings: Settings, telling: Telling
) -> dict[str, Embedding]:
    advance = telling.steps("embedding", len(listings))
    # titles of like length share a batch: little is padded
    ids = sorted(listings, key=lambda one: len(listings[one].title or ""))
    found: dict[str, Embedding] = {}
    work = _Work(source, telling)
    async with ImageFetcher(settings) as images:
        for some in _parts(ids, settings.batch_size):
            contents = await contents_of([listings[one] for one in some], source.caches, images, telling)
            found.update(zip(some, work.embed(dict(zip(some, contents, strict=True))), strict=True))
            advance(len(some))
    work.keep()
    return {one: source.derive(found[one], listings[one].model_dump()) for one in listings if found[one]}


async def contents_of(
    listings: Sequence[Listing], dense: Mapping[Modality, object], images: ImageSource, telling: Telling
) -> list[Content]:
    """What of each listing is looked at; an image that can't be had is warned of and left out."""
    wanted = list(dict.fromkeys(one.image for one in listings if one.image and Modality.IMAGE in dense))
    fetched = dict(zip(wanted, await images.fetch_all(wanted), strict=True)) if wanted else {}
    for image in fetched.values():
        if isinstance(image, ImageFetchError):
            telling.warn(str(image))
    files = {reference: image for reference, image in fetched.items() if isinstance(image, bytes)}
    return [Content((one.title or "").strip() or None, files.get(one.image or "")) for one in listings]


class _Work:
    """Embeds a batch at a time and keeps what is new."""

    def __init__(self, source: EmbeddingSource, telling: Telling) -> None:
        self._source, self._telling = source, telling
        self._new: dict[Modality, dict[Key, Dense]] = {modality: {} for modality in source.caches}

    def embed(self, contents: Mapping[str, Content]) -> list[Embedding]:
        """The embeddings, in the order given."""
        self._compute_missing(contents)
        lexical = self._source.lexical
        words = lexical.encode([Content(one.title) for one in contents.values()]) if lexical else None
        return [
            {**self._dense_rows(content), **(words[i].embedding if words else {})}
            for i, content in enumerate(contents.values())
        ]

    def keep(self) -> None:
        """Put what is new on disk."""
        for modality, rows in self._new.items():
            self._source.caches[modality].add(rows)
            self._new[modality] = {}

    def _dense_rows(self, content: Content) -> dict[Modality, Row]:
        rows = {m: self._row(m, key_of(part)) for m, part in _parts_of(content).items() if m in self._new}
        return {modality: row for modality, row in rows.items() if row is not None}

    def _row(self, modality: Modality, key: Key) -> Dense | None:
        row = self._new[modality].get(key)
        return self._source.caches[modality].get(key) if row is None else row

    def _compute_missing(self, contents: Mapping[str, Content]) -> None:
        missing = {one: self._missing(content) for one, content in contents.items()}
        missing = {one: parts for one, parts in missing.items() if parts != Content()}
        if not missing:
            return
        for (one, content), encoded in zip(
            missing.items(), self._source.dense().encode(list(missing.values())), strict=True
        ):
            for reason in encoded.failures.values():
                self._telling.warn(f"listing '{one}': {reason}; it is compared without")
            self._take(one, content, encoded.embedding)
        if any(len(rows) >= _KEPT_TOGETHER for rows in self._new.values()):
            self.keep()

    def _missing(self, content: Content) -> Content:
        parts = _parts_of(content)
        needed = {m for m in self._new if m in parts and self._row(m, key_of(parts[m])) is None}
        return Content(
            content.title if Modality.TEXT in needed else None, content.image if Modality.IMAGE in needed else None
        )

    def _take(self, listing_id: str, content: Content, embedding: Embedding) -> None:
        for modality, part in _parts_of(content).items():
            row = embedding.get(modality)
            if isinstance(row, np.ndarray) and np.isfinite(row).all():
                self._new[modality][key_of(part)] = row
            elif row is not None:
                reason = f"its {modality} embedding is not a number in some places"
                self._telling.warn(f"listing '{listing_id}': {reason}; it is compared without")


def _parts_of(content: Content) -> dict[Modality, str | bytes]:
    parts = {Modality.TEXT: content.title, Modality.IMAGE: content.image}
    return {modality: part for modality, part in parts.items() if part is not None}


def _parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
