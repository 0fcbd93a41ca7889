"""Rows of what is not embedded yet: photos are fetched, contents encoded, and what failed is told."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from encoders.types import Content, Encoded, Modality
from streams.errors import ImageFetchError
from streams.events import EmbeddingEvent, Listing
from streams.stages.contents import IMAGE, MODALITIES_OF, NOTHING, TITLE, WORDS, Looked, Looks, contents_of, seals_of
from streams.stages.contents import joined as joined_contents
from streams.stages.dependencies import Dependencies

_log = logging.getLogger(__name__)
_Failures = Mapping[Modality, str]


@dataclass(frozen=True, slots=True)
class Photos:
    """The photos of one listing.

    Args:
        files: those that could be had, in their order.
        errors: why others could not.
    """

    files: Sequence[bytes] = ()
    errors: Sequence[ImageFetchError] = ()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of one listing is to be embedded.

    Args:
        contents: that are not known, by name.
        described: whether its title says too little.
    """

    listing: Listing
    contents: Mapping[str, str]
    described: bool

    @property
    def photos(self) -> bool:
        """Whether its photos are needed for that."""
        return IMAGE in self.contents or (WORDS in self.contents and self.described)

    def content(self, photos: Photos) -> Content | None:
        """As it is encoded; None where nothing is there to encode."""
        title = self.listing.title if TITLE in self.contents else None
        described = (self.listing.title or "") if WORDS in self.contents else None
        if not (title or described or photos.files):
            return None
        return Content(title, next(iter(photos.files), None), described, tuple(photos.files[1:]))

    def failures(self, photos: Photos, looks: Looks) -> _Failures:
        """What is missing of which modality, where a photo can't be had."""
        names = [IMAGE, *([WORDS] if self.described else [])]
        each = [modality for name in names if name in self.contents for modality in looks.made_of(name)]
        return dict.fromkeys(each, str(photos.errors[0])) if photos.errors else {}

    def looked(self, encoded: Encoded, failures: _Failures) -> Looked:
        """What came of it. A content of which something failed has no seal, so that the next update completes it."""
        whole = {name: text for name, text in self.contents.items() if not self._failed(name, failures)}
        seals = seals_of(whole, encoded.embedding, encoded.generated)
        new = Looked(encoded.embedding, seals, encoded.generated)
        return joined_contents([new.only(name) for name in self.contents])

    def _failed(self, name: str, failures: _Failures) -> bool:
        """A caption may be of the second photo while the first one can't be had or read."""
        names = [name, *([IMAGE] if name == WORDS and self.described else [])]
        return any(modality in failures for one in names for modality in MODALITIES_OF[one])


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of the contents of some listings.

    Args:
        looked: the rows and what else came of them, by listing.
        failures: why something is missing, by listing.
        passing: the listings with a photo that may be had later, or a caption.
    """

    looked: Mapping[str, Looked] = field(default_factory=dict)
    failures: Mapping[str, _Failures] = field(default_factory=dict)
    passing: frozenset[str] = frozenset()

    @property
    def failed(self) -> frozenset[str]:
        """The listings of which a photo or a caption failed."""
        return frozenset(i for i, reasons in self.failures.items() if reasons)

    def completed(self, event: EmbeddingEvent, known: Looked) -> EmbeddingEvent:
        """An event about a listing with all its rows: those that are known and those that were made."""
        i = event.listing_id
        all_ = joined_contents([known, self.looked.get(i, NOTHING)])
        new = {modality.value: reason for modality, reason in self.failures.get(i, {}).items()}
        failures = {**event.failures, **new}
        return replace(
            event,
            embedding=all_.embedding,
            seals=all_.seals,
            failures={modality: reason for modality, reason in failures.items() if modality not in all_.embedding},
            generated=all_.generated,
        )


async def make(listings: Mapping[str, Listing], known: Mapping[str, Looked], dependencies: Dependencies) -> Made:
    """Embed the contents that are not known, and say what could not be."""
    looks = dependencies.looks
    wanted = {i: _wanted(listing, known.get(i, NOTHING), looks) for i, listing in listings.items()}
    references = {i: looks.photos_of(one.listing) for i, one in wanted.items() if one.photos}
    photos = await _fetch({i: some for i, some in references.items() if some}, dependencies)
    contents = {i: content for i, one in wanted.items() if (content := one.content(photos.get(i, Photos())))}
    encoded = dict(zip(contents, await dependencies.encode(list(contents.values())), strict=True)) if contents else {}
    failures = {
        i: {**encoded.get(i, Encoded({})).failures, **one.failures(photos.get(i, Photos()), looks)}
        for i, one in wanted.items()
    }
    troubled = (i for i, some in photos.items() if any(error.retryable for error in some.errors))
    passing = frozenset([*troubled, *(i for i, one in encoded.items() if _caption_failed(one))])
    _log_failed(failures, photos)
    captions = sum(one.generated.caption is not None for one in encoded.values())
    dependencies.observer.encoded((one.embedding for one in encoded.values()), captions)
    return Made({i: wanted[i].looked(one, failures[i]) for i, one in encoded.items()}, failures, passing)


def _caption_failed(encoded: Encoded) -> bool:
    """Whether it was not for want of a photo: there was no time for it, or no memory."""
    return not encoded.failures.keys().isdisjoint(MODALITIES_OF[WORDS]) and encoded.failures.keys().isdisjoint(
        MODALITIES_OF[IMAGE]
    )


def _wanted(listing: Listing, known: Looked, looks: Looks) -> Wanted:
    contents = {name: text for name, text in contents_of(listing, looks).items() if name not in known.seals}
    return Wanted(listing, contents, looks.described(listing))


async def _fetch(references: Mapping[str, Sequence[str]], dependencies: Dependencies) -> dict[str, Photos]:
    """The photos of each listing; all are fetched at once."""
    if dependencies.images is None or not references:
        return {}
    fetched = iter(await dependencies.images.fetch_all([one for some in references.values() for one in some]))
    return {i: _sorted([next(fetched) for _ in some]) for i, some in references.items()}


def _sorted(fetched: Sequence[bytes | ImageFetchError]) -> Photos:
    return Photos(
        [one for one in fetched if isinstance(one, bytes)],
        [one for one in fetched if isinstance(one, ImageFetchError)],
    )


def _log_failed(failures: Mapping[str, _Failures], photos: Mapping[str, Photos]) -> None:
    failed = [(i, next(iter(reasons.values()))) for i, reasons in failures.items() if reasons]
    if failed:
        _log.warning("photos of %d of %d listings failed; of listing '%s': %s", len(failed), len(photos), *failed[0])
