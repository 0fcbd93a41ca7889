"""The embed stage: sellers' messages in, complete embeddings out, dead letters aside."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from encoders.types import Content, Encoded, Modality
from streams.errors import ImageFetchError
from streams.events import EmbeddingEvent, Listing, ListingEvent, Message, read_listing_event
from streams.stages.contents import IMAGE, TITLE, Reusable, contents_of, reusable, seals_of
from streams.stages.dead_letters import read_or_lay_aside
from streams.stages.dependencies import Channel, Dependencies, Letter

_log = logging.getLogger(__name__)
_NOTHING = Reusable()


async def embed(messages: Sequence[Message], dependencies: Dependencies) -> None:
    """Embed a batch of the topic `listings`, a listing that came several times only once.

    A message that can't be read goes to the dead letters as it came. An image that can't be had or
    decoded leaves its listing with the other modalities; the next update tries again. Contents that
    are in the index already are not embedded again: their rows are copied from there.
    """
    events, dead = read_or_lay_aside(messages, read_listing_event)
    counting = _that_count(events)
    listings = {event.listing_id: event.listing for event in counting if event.listing is not None}
    known = await reusable(listings, dependencies.index)
    encoded = await _encode(listings, known, dependencies)
    letters = [_letter(event, known, encoded) for event in counting]
    await dependencies.outbox.deliver([*dead, *letters])


def _that_count(events: Iterable[ListingEvent]) -> list[ListingEvent]:
    """The events that can still decide: of each listing the newest version, and the last withdrawal without one."""
    versioned: dict[str, ListingEvent] = {}
    withdrawals: dict[str, ListingEvent] = {}
    for event in sorted(events, key=lambda event: event.position):
        before = versioned.get(event.listing_id)
        if event.version is None:
            withdrawals[event.listing_id] = event
        elif before is None or before.version is None or event.version > before.version:
            versioned[event.listing_id] = event
    return [*versioned.values(), *withdrawals.values()]


async def _encode(
    listings: Mapping[str, Listing], known: Mapping[str, Reusable], dependencies: Dependencies
) -> dict[str, Encoded]:
    """Embed the contents that are not known, and say what could not be."""
    wanted = {i: _not_known(listing, known.get(i, _NOTHING)) for i, listing in listings.items()}
    images = await _fetch({i: contents[IMAGE] for i, contents in wanted.items() if IMAGE in contents}, dependencies)
    contents = {
        i: Content(title=texts.get(TITLE), image=image if isinstance(image := images.get(i), bytes) else None)
        for i, texts in wanted.items()
        if TITLE in texts or isinstance(images.get(i), bytes)
    }
    encoded = dict(zip(contents, await dependencies.encode(list(contents.values())), strict=True)) if contents else {}
    for i, image in images.items():
        if isinstance(image, ImageFetchError):
            known_so_far = encoded.get(i, Encoded({}))
            encoded[i] = replace(known_so_far, failures={**known_so_far.failures, Modality.IMAGE: str(image)})
    _tell_failures(encoded, len(images))
    return encoded


def _tell_failures(encoded: Mapping[str, Encoded], images: int) -> None:
    failed = [(i, one.failures[Modality.IMAGE]) for i, one in encoded.items() if Modality.IMAGE in one.failures]
    if failed:
        _log.warning("%d of %d images failed; of listing '%s': %s", len(failed), images, *failed[0])


def _not_known(listing: Listing, known: Reusable) -> dict[str, str]:
    return {name: text for name, text in contents_of(listing).items() if name not in known.seals}


async def _fetch(references: Mapping[str, str], dependencies: Dependencies) -> dict[str, bytes | ImageFetchError]:
    if dependencies.images is None or not references:
        return {}
    fetched = await dependencies.images.fetch_all(list(references.values()))
    return dict(zip(references, fetched, strict=True))


def _letter(event: ListingEvent, known: Mapping[str, Reusable], encoded: Mapping[str, Encoded]) -> Letter:
    told = EmbeddingEvent(event.listing_id, event.version, event.position)
    if event.listing is not None:
        old, new = known.get(event.listing_id, _NOTHING), encoded.get(event.listing_id, Encoded({}))
        told = replace(
            told,
            listing=event.raw,
            embedding={**old.embedding, **new.embedding},
            seals={**old.seals, **seals_of(contents_of(event.listing), new.embedding)},
            failures={modality.value: reason for modality, reason in new.failures.items()},
        )
    return Letter(Channel.EMBEDDINGS, event.listing_id.encode(), told.to_bytes())
