"""The generated catalogue: listings of invented products by invented sellers, with the truth beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from encoders.training.catalogue.products import Product, generate_products
from encoders.training.catalogue.sellers import Seller, generate_sellers
from encoders.training.catalogue.titles import bare_title, write_title
from encoders.training.drawing.paint import Look, paint
from encoders.training.drawing.photograph import CameraStyle, photograph

_STOCK_CAMERA = CameraStyle(seed=0, care=1.0)
_OFFERS = ((1, 2, 3, 4, 5, 6), (0.25, 0.25, 0.2, 0.15, 0.1, 0.05))
_UNTITLED = 0.02
_EXCHANGE = {"EUR": 1.0, "GBP": 0.86, "USD": 1.08}


@dataclass(frozen=True, slots=True)
class GeneratedListing:
    """One seller's posting, and in `product_id` what it truly is.

    Args:
        title: None for the few that have a photograph only.
        price: decimal number as text.
        image: bytes of a JPEG file, or None.
        look_id: products of one look can't be told apart by photographs.
    """

    listing_id: str
    seller_id: str
    title: str | None
    description: str | None
    price: str
    currency: str
    category: str
    brand: str | None
    gtin: str | None
    version: int
    image: bytes | None
    product_id: str
    look_id: str

    def record(self, image: str | None = None) -> dict[str, str | int]:
        """The listing as an event's value, without what it lacks; `image` is the path of its photograph."""
        names = ("listing_id", "seller_id", "title", "description", "price", "currency", "category", "brand", "gtin",
                 "version", "product_id")  # fmt: skip
        record = {name: getattr(self, name) for name in names} | {"image": image}
        return {name: value for name, value in record.items() if value is not None}


def generate_catalogue(products: int, seed: int, *, photos: bool = True) -> list[GeneratedListing]:
    """Listings of so many products, about three each, in shuffled order.

    The same arguments give the same bytes; without photos everything else stays the same.
    """
    sellers = generate_sellers(max(9, products // 15), seed)
    taken: Counter[str] = Counter()
    listings = [
        listing
        for number, product in enumerate(generate_products(products, seed))
        for listing in _offers(product, sellers, taken, np.random.default_rng([seed, 2, number]), photos=photos)
    ]
    shuffled = np.random.default_rng([seed, 3]).permutation(len(listings))
    return [listings[place] for place in shuffled]


def _offers(
    product: Product, sellers: list[Seller], taken: Counter[str], rng: np.random.Generator, *, photos: bool
) -> Iterator[GeneratedListing]:
    offers = int(rng.choice(_OFFERS[0], p=_OFFERS[1]))
    for place in rng.permutation(len(sellers))[:offers]:
        seller = sellers[place]
        taken[seller.seller_id] += 1
        words, camera = rng.spawn(2)
        yield _listing(product, seller, taken[seller.seller_id], words, camera if photos else None)


def _listing(
    product: Product, seller: Seller, number: int, words: np.random.Generator, camera: np.random.Generator | None
) -> GeneratedListing:
    title, pictured = _title(product, seller, words)
    model = product.model
    euros = product.price * words.uniform(0.85, 1.15)
    return GeneratedListing(
        listing_id=f"{seller.seller_id}-{number}",
        seller_id=seller.seller_id,
        title=title,
        description=_description(product, words) if words.random() < seller.care / 2 else None,
        price=f"{euros * _EXCHANGE[seller.currency]:.2f}",
        currency=seller.currency,
        category=model.category.name,
        brand=model.brand if words.random() < seller.care else None,
        gtin=product.gtin if words.random() < seller.gtin else None,
        version=1,
        image=_photo(product, seller, camera) if pictured and camera is not None else None,
        product_id=product.product_id,
        look_id=look_id(product.look),
    )


def _title(product: Product, seller: Seller, rng: np.random.Generator) -> tuple[str | None, bool]:
    """The title, and whether there is a photograph; one of the two always tells something."""
    dice = rng.random()
    if dice < _UNTITLED:
        return None, True
    title = write_title(product, seller, rng)
    telling = product.model.brand.lower() in title.lower() or product.model.name.lower() in title.lower()
    return title, not telling or rng.random() >= seller.no_photo


def _description(product: Product, rng: np.random.Generator) -> str:
    category = product.model.category
    features = ", ".join(rng.permutation(category.features).tolist())
    return f"{bare_title(product, rng).capitalize()} from {product.model.brand}: {features}."


def _photo(product: Product, seller: Seller, rng: np.random.Generator) -> bytes:
    style = _STOCK_CAMERA if rng.random() < seller.stock_photo else seller.camera
    return photograph(painted(product.look), style, rng)


@lru_cache(maxsize=64)
def painted(look: Look) -> Image.Image:
    """The painted look, kept for the next photograph of it."""
    return paint(look)


def look_id(look: Look) -> str:
    """A short name of a look, the same wherever it is made."""
    colour = bytes((*look.body, *look.accent)).hex()
    return f"{look.category}-{look.shape:x}-{colour}-{look.brand}".lower().replace(" ", "-")
