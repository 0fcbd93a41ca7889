"""What an index holds, apart: the truth, and what was derived from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from encoders.loading import Derive, derive_nothing
from encoders.types import Embedding
from streams.events import MatchList, Verdict
from streams.events.rows import same_rows
from streams.index.port import Index, Payload, Point, View
from streams.matching import Catalogue, Details
from streams.stages import state
from streams.stages.group_fields import ProductFields
from streams.stages.state import Heard

_RECORDS = (*state.PENDING.values(), state.UNTOLD)


@dataclass(frozen=True, slots=True)
class Stored:
    """Every point of an index, by listing id.

    Args:
        raw: of listings that are there; with `details` and `verdicts` the truth.
        astray: how far a derived row is off, at most, of listings where it is not what the others make it;
            infinite where there is none, or one too many.
        blended: what blend wrote.
        lists: what match wrote; None for a listing that is gone.
        heard: what subscribers know of a listing, whoever told them.
        products: what the products' points say that those know who hear this generation.
        product_of: the product that a listing is in.
        unfinished: names of records that only work in progress leaves.
        fields: where the products are, which depends on who hears it.
    """

    raw: dict[str, Embedding] = field(default_factory=dict)
    details: dict[str, Details] = field(default_factory=dict)
    verdicts: dict[str, dict[str, Verdict]] = field(default_factory=dict)
    astray: dict[str, float] = field(default_factory=dict)
    blended: dict[str, Embedding] = field(default_factory=dict)
    lists: dict[str, MatchList | None] = field(default_factory=dict)
    revisions: dict[str, int] = field(default_factory=dict)
    heard: dict[str, Heard] = field(default_factory=dict)
    products: dict[str, dict[str, Any]] = field(default_factory=dict)
    product_of: dict[str, str] = field(default_factory=dict)
    unfinished: dict[str, list[str]] = field(default_factory=dict)
    fields: ProductFields = field(default_factory=ProductFields)

    @property
    def catalogue(self) -> Catalogue:
        """The truth in it."""
        return Catalogue(self.raw, self.details, self.verdicts)

    @classmethod
    async def read(
        cls,
        index: Index,
        progress: Callable[[int], None],
        derive: Derive = derive_nothing,
        fields: ProductFields | None = None,
    ) -> Stored:
        """All that an index holds, for those who hear its generation."""
        stored = cls(fields=fields or ProductFields())
        perhaps: dict[str, str] = {}
        async for point in index.scan(views=list(View)):
            stored._take(point)
            stored._take_derived(point, derive)
            if home := stored.fields.perhaps_in(point.payload):
                perhaps[point.listing_id] = home
            progress(1)
        stored._settle(perhaps)
        return stored

    def _take(self, point: Point) -> None:
        listing_id, payload = point.listing_id, point.payload
        if point.raw:
            self.raw[listing_id] = point.raw
            self.details[listing_id] = state.described(point, View.RAW).details
        if point.blended:
            self.blended[listing_id] = point.blended
        if verdicts := state.verdicts_of(payload):
            self.verdicts[listing_id] = verdicts
        if state.MATCHES in payload:
            self.lists[listing_id] = state.matches_of(payload)
            self.revisions[listing_id] = int(payload.get(state.REVISION, 0))
        if heard := Heard.of(payload):
            self.heard[listing_id] = heard
        self._take_product(listing_id, payload)
        if records := [name for name in (*_RECORDS, self.fields.regrouping) if payload.get(name) is not None]:
            self.unfinished[listing_id] = records

    def _take_derived(self, point: Point, derive: Derive) -> None:
        wanted = derive(point.raw, point.payload.get(state.LISTING) or {})
        if not same_rows(wanted, point.raw):
            self.astray[point.listing_id] = _distance(wanted, point.raw)

    def _take_product(self, listing_id: str, payload: Payload) -> None:
        if (event := self.fields.told(payload)) is not None:
            self.products[listing_id] = event.to_json()
        if payload.get(self.fields.product_id):
            self.product_of[listing_id] = payload[self.fields.product_id]

    def _settle(self, perhaps: Mapping[str, str]) -> None:
        """Where a listing does not say itself which product it is in, that product does."""
        for listing_id, home in perhaps.items():
            if listing_id in (self.products.get(home, {}).get("members") or ()):
                self.product_of[listing_id] = home


def _distance(one: Embedding, other: Embedding) -> float:
    """By how much numbers of dense rows differ at most."""
    if one.keys() != other.keys():
        return float("inf")
    pairs = [(row, other[modality]) for modality, row in one.items()]
    return max(float(np.abs(a - b).max()) for a, b in pairs if isinstance(a, np.ndarray) and isinstance(b, np.ndarray))
