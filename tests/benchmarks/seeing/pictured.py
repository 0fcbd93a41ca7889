"""Listings of one's own with their photos, as published models are measured on them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from encoders.errors import ImageError
from encoders.metrics import product_codes
from encoders.photos import decode_image
from streams.cli.listing_files import Line, read_lines
from streams.events import ListingEvent
from streams.images import ImageFetcher
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Pictured:
    """Listings whose photo could be read.

    Args:
        listings: n of them, as JSON.
        titles: of each, empty where there is none.
        codes: (n,) the product of each.
        photos: decoded.
    """

    listings: Sequence[Mapping[str, Any]]
    titles: Sequence[str]
    codes: NDArray[np.int64]
    photos: Sequence[Image.Image]


def read_pictured(file: Path, label: str, images: Path | None, most: int, settings: Settings) -> Pictured:
    """The first listings that have a label and a photo; others are left out."""
    events = (line.event for line in read_lines(file, "listings", images) if isinstance(line, Line))
    chosen = [one for one in events if one.listing and one.listing.photos and (one.raw or {}).get(label)][:most]
    photos = asyncio.run(_photos(chosen, settings))
    kept = [(one, photo) for one, photo in zip(chosen, photos, strict=True) if photo is not None]
    if not kept:
        sys.exit(
            f"listings '{file}': none has a label '{label}' and a photo that can be read; see --label and --images"
        )
    raw = [one.raw or {} for one, _ in kept]
    return Pictured(
        raw,
        [str(one.get("title") or "").strip() for one in raw],
        product_codes([str(one[label]) for one in raw]).astype(np.int64),
        [photo for _, photo in kept],
    )


async def _photos(events: Sequence[ListingEvent], settings: Settings) -> list[Image.Image | None]:
    async with ImageFetcher(settings) as images:
        found = await images.fetch_all([one.listing.photos[0] for one in events if one.listing])
    return [_decoded(one) if isinstance(one, bytes) else None for one in found]


def _decoded(data: bytes) -> Image.Image | None:
    try:
        return decode_image(data)
    except ImageError:
        return None
