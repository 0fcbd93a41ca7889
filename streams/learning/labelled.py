"""A catalogue whose listings are labelled with their product: what is learned from and measured on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from encoders.bundle import Bundle
from encoders.types import Embedding
from streams.errors import SettingsError
from streams.events import ListingEvent
from streams.learning.embedding import embed_catalogue
from streams.learning.listed import listed
from streams.learning.telling import Telling
from streams.matching.details import Details
from streams.settings import Settings

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class LabelledCatalogue:
    """n listings, each with an embedding and a label.

    Args:
        listing_ids: in the order of everything else.
        embeddings: raw, by listing id, in the same order.
        details: the words of each.
        labels: the product of each.
        images: where the first photo of each is; empty where it has none.
    """

    listing_ids: tuple[str, ...]
    embeddings: Mapping[str, Embedding]
    details: tuple[Details, ...]
    labels: tuple[str, ...]
    images: tuple[str, ...]

    def __len__(self) -> int:
        """How many listings."""
        return len(self.listing_ids)

    @property
    def categories(self) -> tuple[str, ...]:
        """The category of each; empty where it has none."""
        return tuple(one.category for one in self.details)

    @property
    def codes(self) -> NDArray[np.intp]:
        """(n,) the labels as numbers: equal exactly where the labels are."""
        return np.unique(np.array(self.labels, dtype=object), return_inverse=True)[1].astype(np.intp)

    def at(self, places: Iterable[int]) -> LabelledCatalogue:
        """Some of the listings."""
        kept = list(places)
        ids = tuple(self.listing_ids[i] for i in kept)
        return LabelledCatalogue(
            ids,
            {one: self.embeddings[one] for one in ids},
            tuple(self.details[i] for i in kept),
            tuple(self.labels[i] for i in kept),
            tuple(self.images[i] for i in kept),
        )


def label_catalogue(
    events: Iterable[ListingEvent],
    label: str,
    bundle: Bundle,
    settings: Settings,
    *,
    kept: Path | None,
    telling: Telling | None = None,
) -> LabelledCatalogue:
    """Embed the listings that have a label; the others are named, counted and left out.

    Args:
        events: what the lines of a file publish.
        label: the field of the JSON that names the product: text or a whole number.
        bundle: whose encoders.
        settings: device, batches and images.
        kept: folder of the rows kept from earlier runs; None computes every row.
        telling: where progress and warnings go.

    Raises:
        SettingsError: no listing has that label, or none has anything to compare.
    """
    telling = telling or Telling()
    everything = listed(events)
    labels = labels_of(everything, label, telling)
    return embed_labelled(everything, labels, bundle, settings, kept=kept, telling=telling)


def embed_labelled(
    everything: Mapping[str, ListingEvent],
    labels: Mapping[str, str],
    bundle: Bundle,
    settings: Settings,
    *,
    kept: Path | None,
    telling: Telling,
) -> LabelledCatalogue:
    """Embed the listings that have a label, wherever it is from.

    Args:
        everything: what is listed, by listing id.
        labels: the product of each, by listing id; listings without are left out.
        bundle: whose encoders.
        settings: device, batches and images.
        kept: folder of the rows kept from earlier runs; None computes every row.
        telling: where progress and warnings go.

    Raises:
        SettingsError: none has anything to compare.
    """
    listings = {one: event.listing for one, event in everything.items() if one in labels and event.listing}
    raw = embed_catalogue(listings, bundle, settings, kept, telling)
    _name_those_without([one for one in listings if one not in raw], telling)
    if not raw:
        wanted = f"something to compare: {', '.join(sorted(bundle.modalities))}"
        remedy = "give listings with titles or images that the bundle has encoders for"
        raise SettingsError("labelled listings", got="nothing that could be embedded", wanted=wanted, remedy=remedy)
    return LabelledCatalogue(
        tuple(raw),
        raw,
        tuple(Details.of(everything[one].raw or {}) for one in raw),
        tuple(labels[one] for one in raw),
        tuple(next(iter(listings[one].photos), "") for one in raw),
    )


def labels_of(everything: Mapping[str, ListingEvent], field: str, telling: Telling) -> dict[str, str]:
    """What a field says of the product of each listing that has it.

    Raises:
        SettingsError: none has it.
    """
    found = {one: _label((event.raw or {}).get(field)) for one, event in everything.items()}
    labels = {one: label for one, label in found.items() if label}
    without = [one for one, label in found.items() if not label]
    if not labels:
        fields = Counter(name for event in everything.values() for name in event.raw or {})
        got = f"none of {len(found)} listings has it; their fields are {', '.join(sorted(fields)) or 'none'}"
        remedy = "name the field that holds the product"
        raise SettingsError(f"label '{field}'", got=got, wanted="text or a whole number", remedy=remedy)
    if without:
        telling.warn(f"label '{field}': {len(without)} listings lack it and are left out: {_first_of(without)}")
    return labels


def _label(value: Any) -> str:
    """As text; anything that names no product is empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return str(value).strip()


def _name_those_without(listing_ids: Sequence[str], telling: Telling) -> None:
    if listing_ids:
        some = _first_of(listing_ids)
        telling.warn(f"{len(listing_ids)} listings have nothing that could be embedded and are left out: {some}")


def _first_of(listing_ids: Sequence[str]) -> str:
    more = f" and {len(listing_ids) - _SHOWN} more" if len(listing_ids) > _SHOWN else ""
    return ", ".join(f"'{one}'" for one in listing_ids[:_SHOWN]) + more
