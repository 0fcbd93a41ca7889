"""Generated sellers: how carefully each writes and photographs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.training.drawing.photograph import CameraStyle


@dataclass(frozen=True, slots=True)
class Seller:
    """One shop with its habits; shares are of its listings.

    Args:
        order: which of the orders of words in `titles.ORDERS` it prefers.
        care: 1 for a shop with an editor, 0 for somebody clearing the attic.
        shouts: writes its titles in capitals.
        no_photo: share of listings without a photograph.
        stock_photo: share of listings with the maker's own photograph.
        bare_title: share of listings whose title says next to nothing.
        gtin: share of listings that tell the GTIN.
        camera: how its own photographs are taken.
    """

    seller_id: str
    currency: str
    order: int
    care: float
    shouts: bool
    no_photo: float
    stock_photo: float
    bare_title: float
    gtin: float
    camera: CameraStyle


def generate_sellers(sellers: int, seed: int) -> list[Seller]:
    """So many sellers: a third careful, a third in a hurry, a third private."""
    rng = np.random.default_rng([seed, 1])
    return [_seller(number, rng) for number in range(sellers)]


def _seller(number: int, rng: np.random.Generator) -> Seller:
    care = float(np.clip((0.9, 0.6, 0.3)[number % 3] + rng.normal(0, 0.06), 0.1, 1.0))
    camera = CameraStyle(int(rng.integers(2**31)), care, own_backdrop=care < 0.5, marks=float(rng.choice([0.0, 0.0, 0.3, 0.9])))  # noqa: PLR2004 - the private third
    return Seller(
        seller_id=f"s{number + 1}",
        currency=str(rng.choice(["EUR", "EUR", "EUR", "GBP", "USD"])),
        order=int(rng.integers(64)),
        care=care,
        shouts=bool(rng.random() < 0.5 * (1 - care)),
        no_photo=0.03 + 0.12 * (1 - care),
        stock_photo=0.45 * care,
        bare_title=0.15 * (1 - care),
        gtin=0.4 * care,
        camera=camera,
    )
