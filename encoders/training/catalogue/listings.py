"""The generated catalogue: listings of invented products by invented sellers, with the truth beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

from encoders.training.catalogue.products import Product, generate_products
from encoders.training.catalogue.sellers import Seller, generate_sellers
from encoders.training.catalogue.titles import bare_title, write_title
from encoders.training.dice import Dice
from encoders.training.drawing.paint import Look, paint
from encoders.training.drawing.photograph import CameraStyle, photograph

_STOCK_CAMERA = CameraStyle(seed=0, care=1.0)
_ONE_TO_SIX_OFFERS = (0.25, 0.25, 0.2, 0.15, 0.1, 0.05)
_UNTITLED = 0.02
_TOLD = (
    *("listing_id", "seller_id", "title", "description", "price", "currency"),
    *("category", "brand", "gtin", "version", "product_id"),
)
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
        record = {name: getattr(self, name) for name in _TOLD} | {"image": image}
        return {name: value for name, value in record.items() if value is not None}


def generate_catalogue(products: int, seed: int, *, photos: bool = True) -> list[GeneratedListing]:
    """Listings of so many products, between two and three each, in shuffled order.

    The same arguments give the same bytes; without photos everything else stays the same.
    """
    sellers = generate_sellers(max(9, products // 15), seed)
    taken: Counter[str] = Counter()
    listings = [
        _listing(offer, photos=photos)
        for number, product in enumerate(generate_products(products, seed))
        for offer in _offers(product, sellers, taken, Dice(seed, 2, number))
    ]
    return Dice(seed, 3).shuffled(listings)


@dataclass(frozen=True, slots=True)
class _Offer:
    product: Product
    seller: Seller
    listing_id: str
    words: Dice
    camera: Dice


def _offers(product: Product, sellers: list[Seller], taken: Counter[str], dice: Dice) -> Iterator[_Offer]:
    for seller in dice.shuffled(sellers)[: 1 + dice.weighted(_ONE_TO_SIX_OFFERS)]:
        taken[seller.seller_id] += 1
        listing_id = f"{seller.seller_id}-{taken[seller.seller_id]}"
        yield _Offer(product, seller, listing_id, Dice(dice.seed()), Dice(dice.seed()))


def _listing(offer: _Offer, *, photos: bool) -> GeneratedListing:
    product, seller, dice = offer.product, offer.seller, offer.words
    model = product.model
    title, pictured = _title(product, seller, dice)
    return GeneratedListing(
        listing_id=offer.listing_id,
        seller_id=seller.seller_id,
        title=title,
        description=_description(product, dice) if dice.chance(seller.care / 2) else None,
        price=f"{product.price * dice(0.85, 1.15) * _EXCHANGE[seller.currency]:.2f}",
        currency=seller.currency,
        category=model.category.name,
        brand=model.brand if dice.chance(seller.care) else None,
        gtin=product.gtin if dice.chance(seller.gtin) else None,
        version=1,
        image=_photo(offer) if pictured and photos else None,
        product_id=product.product_id,
        look_id=look_id(product.look),
    )


def _title(product: Product, seller: Seller, dice: Dice) -> tuple[str | None, bool]:
    """The title, and whether there is a photograph; one of the two always tells something."""
    if dice.chance(_UNTITLED):
        return None, True
    title = write_title(product, seller, dice)
    said = title.lower()
    telling = product.model.brand.lower() in said or product.model.name.lower() in said
    return title, not (telling and dice.chance(seller.no_photo))


def _description(product: Product, dice: Dice) -> str:
    features = ", ".join(dice.shuffled(product.model.category.features))
    return f"{bare_title(product, dice).capitalize()} from {product.model.brand}: {features}."


def _photo(offer: _Offer) -> bytes:
    stock = offer.camera.chance(offer.seller.stock_photo)
    style = _STOCK_CAMERA if stock else offer.seller.camera
    return photograph(painted(offer.product.look), style, offer.camera)


@lru_cache(maxsize=64)
def painted(look: Look) -> Image.Image:
    """The painted look, kept for the next photograph of it."""
    return paint(look)


def look_id(look: Look) -> str:
    """A short name of a look, the same wherever it is made."""
    colour = bytes((*look.body, *look.accent)).hex()
    return f"{look.category}-{look.shape:x}-{colour}-{look.brand}".lower().replace(" ", "-")
