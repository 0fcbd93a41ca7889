"""The reference over a file: every listing embedded, then the plain batch computation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from encoders.bundle import read_bundle
from streams.cli.console import progress_bar
from streams.cli.labelled_files import telling_on
from streams.events import ListingEvent, Match
from streams.learning.embedding import embed_catalogue
from streams.learning.listed import listed
from streams.matching import Catalogue, Details, reference
from streams.matching.bundled import rules_of
from streams.settings import Settings


def match_in_batch(events: Sequence[ListingEvent], settings: Settings) -> Mapping[str, tuple[Match, ...]]:
    """The match list of each listing that the events leave listed."""
    bundle = read_bundle(settings.bundle)
    events_ = listed(events)
    listings = {one: event.listing for one, event in events_.items() if event.listing}
    with progress_bar() as progress:
        raw = embed_catalogue(listings, bundle, settings, None, telling_on(progress))
        task = progress.add_task("comparing", total=2 * len(raw), note="")
        details = {one: Details.of(event.raw or {}) for one, event in events_.items()}
        lists = reference(Catalogue(raw, details), rules_of(bundle), partial(progress.advance, task))
    return {listing_id: list_.matches for listing_id, list_ in lists.items()}
