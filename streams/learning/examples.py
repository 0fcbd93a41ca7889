"""From labelled listings to what encoders are trained on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from encoders.bundle import Bundle
from encoders.joint import numbers_of
from encoders.types import Embedding
from streams.errors import SettingsError
from streams.events import ListingEvent
from streams.learning.labelled import embed_labelled, labels_of
from streams.learning.pair_files import SaidPairs
from streams.learning.pairs import kept_apart, merged_labels
from streams.learning.photos import keep_photos
from streams.learning.telling import Telling
from streams.settings import Settings

if TYPE_CHECKING:
    from encoders.training.data import Examples


def labels_to_train_on(
    everything: Mapping[str, ListingEvent], field: str | None, pairs: SaidPairs | None, telling: Telling
) -> dict[str, str]:
    """The product of each listing: what a field says, what pairs connect or keep apart, or both.

    Args:
        everything: what is listed, by listing id.
        field: that names the product, or None.
        pairs: of listings, and whether they are one product; or None.
        telling: where warnings go.

    Raises:
        SettingsError: neither says anything about these listings.
    """
    if pairs is None:
        return labels_of(everything, field, telling) if field else {}
    labels = labels_of(everything, field, Telling()) if field else {}
    same, different = ([pair for pair in some if _both_in(pair, everything)] for some in (pairs.same, pairs.different))
    said, known = len(pairs.same) + len(pairs.different), len(same) + len(different)
    if known < said:
        telling.warn(f"{said - known} of {said} pairs have a listing that is not in the file")
    merged = kept_apart(merged_labels(labels, same, telling=telling), different, telling)
    if not merged:
        remedy = "give the listings that the pairs were made of"
        raise SettingsError("pairs", got="none with both listings in the file", wanted="some", remedy=remedy)
    if len(merged) < len(everything):
        left_out = f"{len(everything) - len(merged)} of {len(everything)} listings"
        telling.warn(f"{left_out} are in no pair{' and have no label' if field else ''}; they are left out")
    return merged


def _both_in(pair: tuple[str, str], everything: Mapping[str, ListingEvent]) -> bool:
    return pair[0] in everything and pair[1] in everything


def examples_with_photos(
    everything: Mapping[str, ListingEvent],
    labels: Mapping[str, str],
    settings: Settings,
    folder: Path | None,
    telling: Telling,
) -> Examples:
    """For recipes that look at contents: titles, and photos as files.

    Args:
        everything: what is listed, by listing id.
        labels: the product of each.
        settings: where photos are.
        folder: for photos from the web; None looks at no photo at all.
        telling: where progress and warnings go.
    """
    listings = {one: event.listing for one, event in everything.items() if one in labels and event.listing}
    photos = keep_photos(listings, settings, folder, telling) if folder else {}
    return _examples(everything, labels, photos, {})


def examples_with_rows(
    everything: Mapping[str, ListingEvent],
    labels: Mapping[str, str],
    bundle: Bundle,
    settings: Settings,
    *,
    kept: Path,
    telling: Telling,
) -> Examples:
    """For recipes over frozen encoders: rows, computed once and kept, and numbers.

    Args:
        everything: what is listed, by listing id.
        labels: the product of each.
        bundle: whose encoders.
        settings: device, batches and images.
        kept: folder of the rows kept from earlier runs.
        telling: where progress and warnings go.
    """
    catalogue = embed_labelled(everything, labels, bundle, settings, kept=kept, telling=telling)
    return _examples(everything, labels, {}, catalogue.embeddings)


def _examples(
    everything: Mapping[str, ListingEvent],
    labels: Mapping[str, str],
    photos: Mapping[str, Path],
    rows: Mapping[str, Embedding],
) -> Examples:
    from encoders.training.data import Example, Examples  # noqa: PLC0415 - brings torch

    return Examples.of(
        Example(
            listing_id=one,
            label=label,
            title=(event.listing.title or "").strip(),
            image=photos.get(one),
            category=event.listing.category or "",
            rows=rows.get(one, {}),
            numbers=numbers_of(event.raw or {}),
        )
        for one, label in labels.items()
        if (event := everything[one]).listing
    )
