"""Where a generation that has become live sees products otherwise than subscribers."""

from __future__ import annotations

from streams.events.products import ProductEvent
from streams.index.port import Payload
from streams.stages import state
from streams.stages.group_fields import known_product, own_product


def product_differs(payload: Payload, generation: str) -> bool:
    """Whether the group stage has to look at a point because subscribers may know something else of it.

    That is a product of its id, the listing's place in another one, or an attempt that was cut off when
    the generation was live before: whether that was told nobody knows.
    """
    own_home = payload.get(state.SHADOW_PRODUCT_ID)
    return (
        payload.get(state.REGROUPING) is not None
        or (own_home is not None and own_home != payload.get(state.PRODUCT_ID))
        or not ProductEvent.alike(own_product(payload, generation), known_product(payload))
    )
