"""Real catalogues in two halves that share no product: one to choose on, one to measure on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from real_data import PARTS, SETS

from encoders.bundle import Bundle
from encoders.fitting import Changes, fit_bundle
from streams.events import Listing
from streams.learning import LabelledCatalogue
from streams.learning.embedding import embed_catalogue
from streams.learning.telling import Telling
from streams.matching import Details
from streams.settings import load_settings

WEIGHTS = Path("weights") / "mobilenet_v2_qat_dequant.pth"
EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Halves:
    """One catalogue in two parts.

    Args:
        tune: what everything is chosen on.
        score: what is measured on; it shares no product with `tune`.
    """

    tune: LabelledCatalogue
    score: LabelledCatalogue

    def large(self, size: int) -> Halves:
        """Both halves without products of fewer listings."""
        return Halves(*(one.at(np.flatnonzero(_sizes(one) >= size).tolist()) for one in (self.tune, self.score)))

    def crowds(self, size: int, draw: int) -> Halves:
        """Both halves with so many listings of each product, drawn anew; products of fewer are left out."""
        return Halves(crowd(self.tune, size, draw), crowd(self.score, size, draw))


@dataclass(frozen=True, slots=True)
class Sources:
    """Where catalogues come from.

    Args:
        data: the folder of the real data.
        rows: where bundles are made and embeddings kept.
        telling: where progress goes.
    """

    data: Path
    rows: Path
    telling: Telling

    def photos(self, name: str) -> Halves:
        """All photos of one of the grocery sets, embedded by MobileNetV2 and MiniLM as published."""
        changes = Changes(
            image_backbone="mobilenet_v2",
            image_weights=self.data / WEIGHTS,
            image_mean=(0.5, 0.5, 0.5),
            image_std=(0.5, 0.5, 0.5),
            image_resize=256,
            image_crop=224,
        )
        return self._halves(name, changes, EVERYTHING)

    def offers(self, limit: int) -> Halves:
        """Titles of PriceRunner offers, embedded by MiniLM as published; IDF weights of the part `tune`."""
        return self._halves("pricerunner", Changes(image=False), limit)

    def _halves(self, name: str, changes: Changes, limit: int) -> Halves:
        tune, score = (SETS[name](self.data, part, limit) for part in PARTS)
        titles = [one["title"] for one in tune if "title" in one]
        bundle = fit_bundle(titles, self.rows / f"bundle-{name}-{limit}", changes=changes, matching={})
        return Halves(self._labelled(tune, bundle), self._labelled(score, bundle))

    def _labelled(self, raw: Sequence[dict], bundle: Bundle) -> LabelledCatalogue:
        settings = load_settings(device="cpu", torch_threads=1, image_root=self.data / "grocery")
        listings = {one["listing_id"]: Listing.model_validate(one) for one in raw}
        embeddings = embed_catalogue(listings, bundle, settings, self.rows, self.telling)
        return LabelledCatalogue(
            tuple(embeddings),
            embeddings,
            tuple(Details.of(one) for one in raw),
            tuple(one["product_id"] for one in raw),
            tuple(one.get("image", "") for one in raw),
        )


def _sizes(catalogue: LabelledCatalogue) -> NDArray[np.intp]:
    """(n,) how many listings the product of each has."""
    return np.bincount(catalogue.codes)[catalogue.codes]


def crowd(catalogue: LabelledCatalogue, size: int, draw: int) -> LabelledCatalogue:
    """So many listings of each product that has them, drawn by a hash of their ids; another `draw` takes others."""
    products = defaultdict(list)
    for place, label in enumerate(catalogue.labels):
        products[label].append(place)
    drawn = [
        place
        for places in products.values()
        if len(places) >= size
        for place in sorted(places, key=lambda one: _hash(f"{draw} {catalogue.listing_ids[one]}"))[:size]
    ]
    return catalogue.at(sorted(drawn))


def _hash(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()
