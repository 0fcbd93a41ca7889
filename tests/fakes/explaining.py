"""Two listings in an index that a page can ask: as the stages leave them, without running these."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from fakes.memory_index import MemoryIndex
from fakes.web import Shop

from encoders.bundle import read_bundle
from encoders.types import Generated, Modality
from streams.events import Judgement, Match
from streams.index.port import Change, View
from streams.matching.details import Details
from streams.stages import state
from streams.web.living import Live
from streams.web.search.embedding import QueryEncoder

NOTHING_SEEN: Mapping[str, Generated] = MappingProxyType({})


def indexed(
    shop: Shop,
    *listings: Mapping[str, Any],
    judgement: Judgement | None = None,
    apart: float = 0.2,
    generated: Mapping[str, Generated] = NOTHING_SEEN,
) -> None:
    """Put listings into the index that the page's generation has, one a bit further than the last."""
    bundle = read_bundle(shop.settings.bundle)
    index = MemoryIndex(bundle.dimensions)
    changes = [_change(one, place * apart, bundle.dimensions) for place, one in enumerate(listings)]
    if judgement is not None:
        fields = [(one, state.judged_field(judgement, one)) for one in judgement.listing_ids]
        changes += [Change(one, payload={name: value}) for one, (name, value) in fields]
    changes += [Change(one, payload={state.GENERATED: seen.to_json()}) for one, seen in generated.items()]
    asyncio.run(index.write(changes))
    shop.live = Live(shop.settings, bundle, index, QueryEncoder(bundle, shop.settings))


def _change(listing: Mapping[str, Any], angle: float, dimensions: Mapping[Modality, int]) -> Change:
    rows = {modality: _row(angle, size) for modality, size in dimensions.items()}
    blended = {modality: _row(angle / 2, size) for modality, size in dimensions.items()}
    payload = {
        state.LISTING: dict(listing),
        state.DETAILS: Details.of(listing).to_json(),
        state.NEIGHBORS: [["b", 0.8]],
        state.MATCHES: [Match("b", 0.9, {"rule": "combined>=0.60"}).to_json()],
        state.REVISION: 3,
    }
    return Change(str(listing["listing_id"]), rows={View.RAW: rows, View.BLENDED: blended}, payload=payload)


def _row(angle: float, size: int) -> np.ndarray:
    row = np.zeros(size, dtype=np.float32)
    row[:2] = np.cos(angle), np.sin(angle)
    return row
