"""Embedding a whole catalogue: the same rows as the stream's, taken from the cache where they are kept."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from encoders.bundle import Bundle
from encoders.loading import load_derive, load_encoder
from encoders.types import Content, Embedding, Encoder, Modality
from streams.errors import ImageFetchError
from streams.events import Listing
from streams.images import ImageFetcher, ImageSource
from streams.learning.cache import RowCache, captions_folder, folder_of
from streams.learning.captions import CaptionCache, Captions
from streams.learning.encoders_of import only
from streams.learning.telling import Telling
from streams.learning.working import EmbeddingSource, Work
from streams.settings import Settings


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


def source_of(bundle: Bundle, settings: Settings, kept: Path | None, telling: Telling) -> EmbeddingSource:
    """The encoders of a bundle."""
    loaded: list[Encoder] = []
    words = [modality for modality in bundle.modalities if modality.sparse and modality.stands_in_for is None]

    def load(modalities: Iterable[Modality]) -> Encoder:
        return load_encoder(
            only(bundle, frozenset(modalities)),
            device=settings.device,
            torch_threads=settings.torch_threads,
            max_pixels=settings.image_max_pixels,
            caption_timeout_s=math.inf,  # nobody waits, and what is learned must not depend on the clock
        )

    def dense() -> Encoder:
        if not loaded:
            loaded.append(load(modality for modality in bundle.modalities if modality not in words))
        return loaded[0]

    caches = {
        modality: RowCache(folder_of(bundle, modality, kept) if kept else None, size, telling.warn)
        for modality, size in bundle.dimensions.items()
        if not modality.derived and modality.stands_in_for is None
    }
    return EmbeddingSource(
        dense,
        load(words) if words else None,
        caches,
        load_derive(bundle),
        bundle.photos,
        _captions_of(bundle, kept, telling),
        bundle.rows,
    )


def _captions_of(bundle: Bundle, kept: Path | None, telling: Telling) -> Captions | None:
    if bundle.captions is None:
        return None
    folder = captions_folder(bundle, kept) if kept else None
    return Captions(bundle.captions, CaptionCache(folder, telling.warn))


async def _embed(
    listings: Mapping[str, Listing], source: EmbeddingSource, settings: Settings, telling: Telling
) -> dict[str, Embedding]:
    advance = telling.steps("embedding", len(listings))
    # titles of like length share a batch: little is padded
    ids = sorted(listings, key=lambda one: len(listings[one].title or ""))
    found: dict[str, Embedding] = {}
    work = Work(source, telling)
    async with ImageFetcher(settings) as images:
        for some in _parts(ids, settings.batch_size):
            contents = await contents_of([listings[one] for one in some], source, images, telling)
            found.update(zip(some, work.embed(dict(zip(some, contents, strict=True))), strict=True))
            advance(len(some))
    work.keep()
    return {one: source.derive(found[one], listings[one].model_dump()) for one in listings if found[one]}


async def contents_of(
    listings: Sequence[Listing], source: EmbeddingSource, images: ImageSource, telling: Telling
) -> list[Content]:
    """What of each listing is looked at; a photo that can't be had is warned of and left out."""
    photos = [one.photos[: source.photos] if source.looks_at_photos else () for one in listings]
    wanted = list(dict.fromkeys(reference for some in photos for reference in some))
    fetched = dict(zip(wanted, await images.fetch_all(wanted), strict=True)) if wanted else {}
    for image in fetched.values():
        if isinstance(image, ImageFetchError):
            telling.warn(str(image))
    files = {reference: image for reference, image in fetched.items() if isinstance(image, bytes)}
    return [
        _content((one.title or "").strip(), [files[reference] for reference in some if reference in files])
        for one, some in zip(listings, photos, strict=True)
    ]


def _content(title: str, photos: Sequence[bytes]) -> Content:
    return Content(title or None, photos[0] if photos else None, further=tuple(photos[1:]))


def _parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
