"""The reference over a file: every listing embedded, then the plain batch computation."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from rich.progress import Progress

from encoders.bundle import read_bundle
from encoders.loading import load_encoder
from encoders.types import Content, Embedding, Encoder, Modality
from streams.cli.console import progress_bar, warn
from streams.errors import ImageFetchError
from streams.events import Listing, ListingEvent, Match, Standing
from streams.images import ImageFetcher
from streams.matching import Policy, reference
from streams.settings import Settings


def match_in_batch(events: Sequence[ListingEvent], settings: Settings) -> Mapping[str, tuple[Match, ...]]:
    """The match list of each listing that the events leave listed."""
    bundle = read_bundle(settings.bundle)
    encoder = load_encoder(
        bundle, device=settings.device, torch_threads=settings.torch_threads, max_pixels=settings.image_max_pixels
    )
    listings = listed(events)
    with progress_bar() as progress:
        raw = asyncio.run(_embed(listings, encoder, settings, progress))
        task = progress.add_task("comparing", total=2 * len(raw), note="")
        policy = Policy.from_json(bundle.matching, f"bundle '{bundle.name}'")
        return reference(raw, policy, lambda listings_: progress.advance(task, listings_))


def listed(events: Sequence[ListingEvent]) -> dict[str, Listing]:
    """The listings that are there after all the events, each in its newest version."""
    standings: dict[str, Standing] = {}
    contents: dict[tuple[str, object], Listing] = {}
    for event in events:
        before = standings.get(event.listing_id, Standing())
        standings[event.listing_id] = before.after(event.version, event.position)
        if event.listing is not None:
            contents[event.listing_id, event.version] = event.listing
    return {i: contents[i, standing.version] for i, standing in standings.items() if standing.listed}


async def _embed(
    listings: Mapping[str, Listing], encoder: Encoder, settings: Settings, progress: Progress
) -> dict[str, Embedding]:
    ids, raw = list(listings), {}
    task = progress.add_task("embedding", total=len(ids), note="")
    async with ImageFetcher(settings) as images:
        for start in range(0, len(ids), settings.batch_size):
            some = ids[start : start + settings.batch_size]
            contents = await _contents([listings[one] for one in some], encoder, images)
            for one, encoded in zip(some, encoder.encode(contents), strict=True):
                raw[one] = encoded.embedding
                for reason in encoded.failures.values():
                    warn(f"listing '{one}': {reason}; it is compared without")
            progress.advance(task, len(some))
    return {one: embedding for one, embedding in raw.items() if embedding}


async def _contents(listings: Sequence[Listing], encoder: Encoder, images: ImageFetcher) -> list[Content]:
    wanted = [one.image for one in listings if one.image and Modality.IMAGE in encoder.dimensions]
    fetched = dict(zip(wanted, await images.fetch_all(wanted), strict=True)) if wanted else {}
    for image in fetched.values():
        if isinstance(image, ImageFetchError):
            warn(str(image))
    files = {reference_: image for reference_, image in fetched.items() if isinstance(image, bytes)}
    return [Content(one.title, files.get(one.image or "")) for one in listings]
