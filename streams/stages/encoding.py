"""Rows of what is not embedded yet: photos are fetched, contents encoded, and what failed is told."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from encoders.types import Content, Encoded, Modality
from streams.errors import ImageFetchError
from streams.events import EmbeddingEvent, Listing
from streams.stages.contents import IMAGE, TITLE, Reusable, contents_of, seals_of
from streams.stages.dependencies import Dependencies

_log = logging.getLogger(__name__)
NOTHING = Reusable()
_NONE = Encoded({})


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of the contents of some listings.

    Args:
        encoded: rows, and why one is missing, by listing.
        passing: the listings whose photo may be had later.
    """

    encoded: Mapping[str, Encoded] = field(default_factory=dict)
    passing: frozenset[str] = frozenset()

    def completed(self, event: EmbeddingEvent, listing: Listing, known: Reusable) -> EmbeddingEvent:
        """An event about a listing with all its rows: those that are known and those that were made."""
        new = self.encoded.get(event.listing_id, _NONE)
        embedding = {**known.embedding, **new.embedding}
        failures = {**event.failures, **{modality.value: reason for modality, reason in new.failures.items()}}
        return replace(
            event,
            embedding=embedding,
            seals={**known.seals, **seals_of(contents_of(listing), new.embedding)},
            failures={modality: reason for modality, reason in failures.items() if modality not in embedding},
        )


async def make(listings: Mapping[str, Listing], known: Mapping[str, Reusable], dependencies: Dependencies) -> Made:
    """Embed the contents that are not known, and say what could not be."""
    wanted = {i: _not_known(listing, known.get(i, NOTHING)) for i, listing in listings.items()}
    images = await _fetch({i: contents[IMAGE] for i, contents in wanted.items() if IMAGE in contents}, dependencies)
    contents = {
        i: Content(title=texts.get(TITLE), image=image if isinstance(image := images.get(i), bytes) else None)
        for i, texts in wanted.items()
        if TITLE in texts or isinstance(images.get(i), bytes)
    }
    encoded = dict(zip(contents, await dependencies.encode(list(contents.values())), strict=True)) if contents else {}
    for i, image in images.items():
        if isinstance(image, ImageFetchError):
            known_so_far = encoded.get(i, _NONE)
            encoded[i] = replace(known_so_far, failures={**known_so_far.failures, Modality.IMAGE: str(image)})
    _tell_failures(encoded, len(images))
    passing = frozenset(i for i, image in images.items() if isinstance(image, ImageFetchError) and image.retryable)
    return Made(encoded, passing)


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
