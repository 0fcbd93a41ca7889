"""A shop to train on and a bundle to start from, so small that training takes a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from fakes.tiny_models import TINY_IMAGE, save_tiny_bert, tiny_image_weights
from PIL import Image
from safetensors.torch import save

from encoders.bundle import Bundle, LexicalSpec, Manifest, TextSpec, write_bundle
from encoders.types import Modality
from streams.events import ListingEvent, Message, read_listing_event

NAMES = [
    f"{colour} {thing} {size}" for colour in ("red", "blue") for thing in ("shoe", "phone") for size in ("8", "64")
]
SELLERS = ("a {}", "{} for a shirt", "{} with case")
_SIDE = 40
_TEXT, _IMAGE = 16, 1024


def tiny_bundle(folder: Path, *, text: bool = True, image: bool = True) -> Bundle:
    """Encoders of random weights, in the folder `base` of that folder."""
    files: dict[str, bytes | Path] = {}
    if text:
        save_tiny_bert(folder / "bert")
        files |= {f"text/{path.name}": path for path in (folder / "bert").iterdir()}
    if image:
        files[TINY_IMAGE.weights] = save(tiny_image_weights())
    manifest = Manifest(
        text=TextSpec("text", max_tokens=16) if text else None,
        image=TINY_IMAGE if image else None,
        lexical=LexicalSpec(),
        dimensions={**({Modality.TEXT: _TEXT} if text else {}), **({Modality.IMAGE: _IMAGE} if image else {})},
    )
    return write_bundle(folder / "base", manifest, files)


def shop_listings(products: int = len(NAMES), listings: int = len(SELLERS)) -> list[dict[str, Any]]:
    """So many products by name, each from so many sellers, with a photo at photos/ID.png and a price."""
    return [
        {
            "listing_id": f"s{seller}-{product}",
            "product_id": f"p{product}",
            "title": SELLERS[seller % len(SELLERS)].format(NAMES[product % len(NAMES)]),
            "image": f"photos/s{seller}-{product}.png",
            "category": "shoes" if product % 2 else "phones",
            "price": f"{10 + 7 * product}.50",
            "currency": "EUR",
        }
        for product in range(products)
        for seller in range(listings)
    ]


def write_shop(folder: Path, listings: list[dict[str, Any]]) -> Path:
    """Write listings.jsonl and the photos that it names; listings of one product look alike."""
    (folder / "photos").mkdir(parents=True, exist_ok=True)
    for one, photo in _photos(listings):
        photo.save(folder / one)
    return write_lines(folder / "listings.jsonl", listings)


def write_lines(file: Path, values: Iterable[dict[str, Any]]) -> Path:
    """Write JSON objects, one a line."""
    file.write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in values))
    return file


def rewrite(file: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change each listing of a file."""
    write_lines(file, [change(orjson.loads(line)) for line in file.read_bytes().splitlines()])


def _photos(listings: list[dict[str, Any]]) -> Iterator[tuple[str, Image.Image]]:
    for number, one in enumerate(listings):
        colours = np.random.default_rng(int(one["product_id"][1:])).uniform(0, 255, (2, 2, 3))
        noise = np.random.default_rng(number).normal(0, 15, (_SIDE, _SIDE, 3))
        pixels = np.kron(colours, np.ones((_SIDE // 2, _SIDE // 2, 1))) + noise
        yield one["image"], Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def events_of(**listings: dict[str, Any]) -> dict[str, ListingEvent]:
    """What was published of listings with the fields given, by listing id."""
    return {one: _event(one, {"title": "red shoe", **fields}) for one, fields in listings.items()}


def _event(listing_id: str, fields: dict[str, Any]) -> ListingEvent:
    value = orjson.dumps({"listing_id": listing_id, **fields})
    return read_listing_event(Message("listings", listing_id.encode(), value))


def picture(colour: str, side: int = 8) -> bytes:
    """A PNG file of one colour."""
    buffer = BytesIO()
    Image.new("RGB", (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()
