"""Which fields of a point the group stage goes by: what subscribers know, or what its generation would tell them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from streams.events.products import ProductEvent
from streams.index.port import Payload
from streams.stages import state
from streams.stages.dependencies import Audience

LEFT_BY_PRODUCTS: Final = frozenset({state.SHADOW_PRODUCT, state.KEPT_PRODUCT})
"""What says nothing any more on the point of a product that subscribers were told of by this generation."""

LEFT_BY_MEMBERS: Final = frozenset(
    {state.SHADOW_PRODUCT_ID, state.KEPT_PRODUCT_ID, state.FURTHER_PRODUCTS, state.SHADOW_REGROUPING}
)
"""The same on the points of its members."""


@dataclass(frozen=True, slots=True)
class ProductFields:
    """Where one audience's products are on record.

    Args:
        audience: who is told.
        generation: which one tells.
    """

    audience: Audience = Audience.PUBLIC
    generation: str = ""

    @property
    def product(self) -> str:
        """The last event of a product."""
        return state.PRODUCT if self._public else state.SHADOW_PRODUCT

    @property
    def product_id(self) -> str:
        """The product that a listing is in."""
        return state.PRODUCT_ID if self._public else state.SHADOW_PRODUCT_ID

    @property
    def regrouping(self) -> str:
        """The record of an attempt."""
        return state.REGROUPING if self._public else state.SHADOW_REGROUPING

    def told(self, payload: Payload) -> ProductEvent | None:
        """The last event that the audience knows of the product with this point's id."""
        return known_product(payload) if self._public else own_product(payload, self.generation)

    def perhaps_in(self, payload: Payload) -> str | None:
        """The product that a listing may be in where its field is empty; it is, if that product's event says so."""
        if payload.get(self.product_id) is not None:
            return None
        return (
            self.aside_id(payload)
            if self._public
            else payload.get(state.KEPT_PRODUCT_ID, payload.get(state.PRODUCT_ID))
        )

    def aside_id(self, payload: Payload) -> str | None:
        """The product that a listing was in as long as the generation was not live."""
        return payload.get(state.SHADOW_PRODUCT_ID, payload.get(state.KEPT_PRODUCT_ID)) if self._public else None

    def left_over(self, payload: Payload) -> Collection[str]:
        """Fields of a time when the generation was not live that the next write is to forget."""
        if not self._public:
            return ()
        return [name for name in sorted(LEFT_BY_PRODUCTS | LEFT_BY_MEMBERS) if payload.get(name) is not None]

    @property
    def _public(self) -> bool:
        return self.audience is Audience.PUBLIC


def known_product(payload: Payload) -> ProductEvent | None:
    """What subscribers know of the product with this point's id, whichever generation told them."""
    stored = payload.get(state.PRODUCT)
    return None if stored is None else ProductEvent.from_json(stored)


def aside_product(payload: Payload) -> ProductEvent | None:
    """What a generation said of a product while it was not live, or what it told before another one did."""
    stored = payload.get(state.SHADOW_PRODUCT) or payload.get(state.KEPT_PRODUCT)
    return None if stored is None else ProductEvent.from_json(stored)


def own_product(payload: Payload, generation: str) -> ProductEvent | None:
    """A generation's own last word on a product, whoever heard it."""
    aside, known = aside_product(payload), known_product(payload)
    if aside is not None:
        return aside
    return known if known is not None and known.generation == generation else None
