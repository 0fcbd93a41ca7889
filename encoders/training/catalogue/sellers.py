"""Generated sellers: how carefully each writes and photographs."""

from __future__ import annotations

from dataclasses import dataclass

from encoders.training.dice import Dice
from encoders.training.drawing.photograph import CameraStyle

_CARES = (0.9, 0.6, 0.3)
_PRIVATE = 0.5


@dataclass(frozen=True, slots=True)
class Seller:
    """One shop with its habits; shares are of its listings.

    Args:
        order: which order of words it prefers, a place in `titles.ORDERS`.
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
    dice = Dice(seed, 1)
    return [_seller(number, dice) for number in range(sellers)]


def _seller(number: int, dice: Dice) -> Seller:
    care = min(max(_CARES[number % len(_CARES)] + dice.normal(0, 0.06), 0.1), 1.0)
    camera = CameraStyle(dice.seed(), care, own_backdrop=care < _PRIVATE, marks=dice.pick(0.0, 0.0, 0.3, 0.9))
    return Seller(
        seller_id=f"s{number + 1}",
        currency=dice.pick("EUR", "EUR", "EUR", "GBP", "USD"),
        order=dice.count(0, 7),
        care=care,
        shouts=dice.chance(0.5 * (1 - care)),
        no_photo=0.02 + 0.1 * (1 - care),
        stock_photo=0.45 * care,
        bare_title=0.12 * (1 - care),
        gtin=0.4 * care,
        camera=camera,
    )
