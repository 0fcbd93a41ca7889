"""Looking at a catalogue's photos by a new bundle's dual encoder, to learn what its similarities are worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from encoders.bundle import Bundle
from encoders.loading import choose_device
from encoders.tags import Ranking, TagList, read_list, stated_words
from encoders.types import Modality
from streams.events import Listing, ListingEvent
from streams.learning.embedding import embed_catalogue
from streams.learning.encoders_of import only
from streams.learning.listed import listed
from streams.learning.seen import Seen, measure_cuts, measure_worth
from streams.learning.telling import Telling
from streams.settings import Settings

_MOST_PAIRS = 500
_MOST_STATED = 3_000
_BOTH = frozenset({Modality.JOINT_IMAGE, Modality.JOINT_TEXT})


@dataclass(frozen=True, slots=True)
class Asked:
    """What to go by.

    Args:
        precision: that tags are to have.
        group_of: what photos of one thing have in common: these are right or wrong together.
        kept: folder of the rows kept from earlier runs; None computes every row.
    """

    precision: float
    group_of: Callable[[Listing], str]
    kept: Path | None


def look(
    bundle: Bundle, events: Iterable[ListingEvent], settings: Settings, asked: Asked, telling: Telling | None = None
) -> Seen:
    """Look at photos of a catalogue by a bundle's dual encoder; at some, where there are many.

    Args:
        bundle: with or without a dual encoder; without one nothing is looked at.
        events: what the lines of a file publish.
        settings: device, batches and images.
        asked: what to go by.
        telling: where progress and warnings go.

    Raises:
        BundleError: a list of tags can't be read.
    """
    if bundle.dual is None:
        return Seen()
    lists = _lists(bundle)
    listings = _with_photo(events)
    titles = {one: listing.title for one, listing in listings.items() if (listing.title or "").strip()}
    stated = _stated(listings, lists)
    pairs = list(titles)[:_MOST_PAIRS]
    looked_at = {one: listings[one] for one in dict.fromkeys([*pairs, *stated])}
    rows = embed_catalogue(looked_at, only(bundle, _BOTH), settings, asked.kept, telling or Telling())
    there = [one for one in pairs if one in rows]
    photos = {one: row for one in stated if (row := rows.get(one, {}).get(Modality.JOINT_IMAGE)) is not None}
    groups = {one: asked.group_of(listings[one]) for one in photos}
    ranking = _ranking(bundle, lists, settings) if photos else None
    cuts = measure_cuts(ranking, photos, stated, groups, asked.precision)
    return Seen(measure_worth([rows[one] for one in there], [titles[one] or "" for one in there]), cuts)


def _with_photo(events: Iterable[ListingEvent]) -> dict[str, Listing]:
    """As if shuffled, and always alike: the first ones are a fair sample."""
    found = {one: event.listing for one, event in listed(events).items() if event.listing and event.listing.photos}
    ids = sorted(found, key=lambda one: blake2b(one.encode("utf-8", "surrogatepass"), digest_size=8).digest())
    return {one: found[one] for one in ids}


def _lists(bundle: Bundle) -> list[TagList]:
    lists = bundle.tags.lists if bundle.tags else {}
    return [read_list(name, bundle.file(file), bundle.name) for name, file in lists.items()]


def _ranking(bundle: Bundle, lists: Sequence[TagList], settings: Settings) -> Ranking | None:
    from encoders.dual import DualEncoder  # noqa: PLC0415 - brings torch

    if bundle.tags is None or bundle.dual is None:
        return None
    return Ranking(lists, bundle.tags.template, DualEncoder(bundle.dual, bundle.path, choose_device(settings.device)))


def _stated(listings: Mapping[str, Listing], lists: Sequence[TagList]) -> dict[str, dict[str, str]]:
    """What sellers state, as far as lists have words for it; of so many listings at most."""
    found: dict[str, dict[str, str]] = {}
    for one, listing in listings.items():
        if len(found) < _MOST_STATED and (words := stated_words(listing.model_dump(), lists)):
            found[one] = words
    return found
