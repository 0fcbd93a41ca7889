"""Writes a generated catalogue to disk, as `matchstream publish` reads it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from encoders.training.catalogue.listings import GeneratedListing


def write_catalogue(listings: Iterable[GeneratedListing], folder: Path) -> Path:
    """Write `listings.jsonl` and `images/*.jpg` into the folder; returns the path of the former.

    `image` is relative to the folder; `product_id` is the truth, which listing events keep and ignore.
    """
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    path = folder / "listings.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for listing in listings:
            lines.write(json.dumps(listing.record(_write_image(listing, images)), ensure_ascii=False) + "\n")
    return path


def _write_image(listing: GeneratedListing, images: Path) -> str | None:
    if listing.image is None:
        return None
    (images / f"{listing.listing_id}.jpg").write_bytes(listing.image)
    return f"images/{listing.listing_id}.jpg"
