"""A search that sees colours: photos by what they look like on the whole, words by the colours they name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from fakes.memory_index import MemoryIndex
from fakes.web import Shop, listing
from PIL import Image

from encoders.bundle import Bundle, read_bundle
from encoders.types import Embedding, Generated, Modality, Row, Tag
from streams.index import Change, View
from streams.matching.details import Details
from streams.settings import Settings
from streams.stages import state
from streams.web.search.asking import NO_SCALES, Scales
from streams.web.search.query import refused

COLOURS: Mapping[str, tuple[int, int, int]] = {"red": (200, 20, 20), "green": (20, 160, 40), "blue": (20, 40, 200)}
DIMENSIONS = {Modality.IMAGE: 3, Modality.TEXT: 5, Modality.JOINT: 5}
_THINGS = ("lamp", "chair")


@dataclass(frozen=True)
class ColourLive:
    """What reads a generation that sees colours."""

    reader: MemoryIndex
    encoder: ColourEncoder
    settings: Settings
    bundle: Bundle


class ColourEncoder:
    """Rows of three colours and two things, in a space that words and photos share."""

    async def words(self, words: str) -> Embedding:
        row = _row(*((name in words) * 1.0 for name in (*COLOURS, *_THINGS)))
        if row is None:
            raise refused("words", "nothing that is known here", "a colour", "name one")
        return {Modality.TEXT: row, Modality.JOINT: row}

    async def photo(self, photo: bytes) -> Embedding:
        try:
            seen = np.asarray(Image.open(BytesIO(photo)).convert("RGB"), np.float64).mean(axis=(0, 1))
        except OSError as error:
            raise refused("photo", "it can't be read", "a whole picture", "send it as JPEG, PNG or WebP") from error
        image, joint = _row(*seen), _row(*(seen / 255), 0.5, 0.0)
        return {Modality.IMAGE: image, Modality.JOINT: joint} if image is not None and joint is not None else {}

    async def scales(self) -> Scales:
        return NO_SCALES

    async def close(self) -> None:
        """Nothing is open."""


async def colour_shop(folder: Path, **overrides: Any) -> Shop:
    """A page over one lamp and one chair of each colour, the lamps cheaper; a model has seen what is on each photo."""
    shop, encoder, index = Shop(folder, overrides), ColourEncoder(), MemoryIndex(DIMENSIONS)
    goods = []
    for name, colour in COLOURS.items():
        for thing in _THINGS:
            photo = folder / f"{name}-{thing}.png"
            Image.new("RGB", (8, 8), colour).save(photo)
            price = "10.00" if thing == "lamp" else "90.00"
            goods.append(
                listing(f"{name}-{thing}", title=f"{name} {thing}", image=photo.name, price=price, category=thing)
            )
    shop.lists(*goods)
    for one in goods:
        seen = _seen(one["title"])
        shop.tells_product(one, generated={one["listing_id"]: seen})
        rows = {**await encoder.words(one["title"]), **await encoder.photo((folder / one["image"]).read_bytes())}
        rows[Modality.JOINT] = (await encoder.words(one["title"]))[Modality.JOINT]
        payload = {
            state.LISTING: one,
            state.PRODUCT_ID: one["listing_id"],
            state.DETAILS: Details.of(one).to_json(),
            state.MATCHES: [],
            state.GENERATED: seen.to_json(),
        }
        await index.write([Change(one["listing_id"], rows={View.RAW: rows, View.BLENDED: rows}, payload=payload)])
    shop.live = ColourLive(index, encoder, shop.settings, read_bundle(shop.settings.bundle))  # type: ignore[assignment]
    return shop


def _seen(title: str) -> Generated:
    colour, thing = title.split()
    return Generated(f"a {title} on a table", {"colour": Tag(colour, 0.93), "category": Tag(thing, 0.71)})


def _row(*numbers: float) -> Row | None:
    row = np.array(numbers, np.float32)
    length = float(np.linalg.norm(row))
    return (row / length).astype(np.float32) if length else None
