"""Photos as files that training can read again and again: those under the image root where they are, others fetched."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

from encoders.errors import ImageError
from encoders.photos import decode_image
from streams.errors import ImageFetchError, SettingsError
from streams.events import Listing
from streams.images import ImageFetcher, ImageSource, is_path, resolve_image
from streams.learning.telling import Telling
from streams.settings import Settings

_TOGETHER = 256


def keep_photos(listings: Mapping[str, Listing], settings: Settings, folder: Path, telling: Telling) -> dict[str, Path]:
    """Where the first photo of each listing is that has one; each was decoded once, so that training meets no surprise.

    Args:
        listings: by listing id.
        settings: the image root, and how images are fetched.
        folder: for photos from the web.
        telling: photos that can't be had or decoded are named; their listings go on without.

    Raises:
        SettingsError: a fetched photo can't be kept.
    """
    return asyncio.run(_keep(listings, settings, folder, telling))


async def _keep(listings: Mapping[str, Listing], settings: Settings, folder: Path, telling: Telling) -> dict[str, Path]:
    wanted = {one: listing.photos[0] for one, listing in listings.items() if listing.photos}
    advance = telling.steps("looking at photos", len(wanted))
    ids, found = list(wanted), {}
    async with ImageFetcher(settings) as images:
        for start in range(0, len(ids), _TOGETHER):
            some = {one: wanted[one] for one in ids[start : start + _TOGETHER]}
            found.update(await _files_of(some, settings, images, folder, telling))
            advance(len(some))
    return found


async def _files_of(
    references: Mapping[str, str], settings: Settings, images: ImageSource, folder: Path, telling: Telling
) -> dict[str, Path]:
    fetched = await images.fetch_all(list(references.values()))
    reasons = await asyncio.to_thread(_why_not, fetched, settings.image_max_pixels)
    found = {}
    for (listing_id, reference), content, reason in zip(references.items(), fetched, reasons, strict=True):
        if reason or isinstance(content, ImageFetchError):
            telling.warn(f"listing '{listing_id}': {reason}; it is learned from without")
        elif is_path(reference):
            found[listing_id] = resolve_image(reference, settings.image_root)
        else:
            found[listing_id] = _kept(content, folder)
    return found


def _why_not(fetched: Sequence[bytes | ImageFetchError], max_pixels: int) -> list[str]:
    """Why each can't be used; empty where it can."""
    return [str(one) if isinstance(one, ImageFetchError) else _undecodable(one, max_pixels) for one in fetched]


def _undecodable(content: bytes, max_pixels: int) -> str:
    try:
        decode_image(content, max_pixels)
    except ImageError as error:
        return str(error)
    return ""


def _kept(content: bytes, folder: Path) -> Path:
    path = folder / blake2b(content, digest_size=16).hexdigest()
    if not path.is_file():
        building = path.with_suffix(".new")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            building.write_bytes(content)
            building.replace(path)
        except OSError as error:
            got, remedy = f"not written ({error})", "make room or write access, then run the same command again"
            raise SettingsError(f"photo '{path}'", got=got, wanted="room on the disk", remedy=remedy) from error
    return path
