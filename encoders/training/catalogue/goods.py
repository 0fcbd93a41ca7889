"""The invented world of goods: categories, what they are called, sizes, colours and brands."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of goods.

    Args:
        name: as in the listing's `category`, and as the drawings know it.
        nouns: what sellers call it.
        prices: cheapest and dearest, in whole units of currency.
        unit: unit of the sizes, empty if there is one size only.
        sizes: the sizes it is sold in, small to large.
        features: what sellers add when they have room.
    """

    name: str
    nouns: tuple[str, ...]
    prices: tuple[int, int]
    unit: str
    sizes: tuple[int, ...]
    features: tuple[str, ...]


def _rows(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def _words(cell: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in cell.split(",") if word.strip())


def _category(name: str, nouns: str, prices: str, sizes: str, features: str) -> Category:
    low, high = prices.split("-")
    unit, *steps = sizes.split() or [""]
    return Category(name, _words(nouns), (int(low), int(high)), unit, tuple(map(int, steps)), _words(features))


_CATEGORIES = """
sneaker    | sneaker, running shoe, trainers, shoe      | 39-160  | EU 38 40 42 44    | breathable, light sole
t-shirt    | t-shirt, tee, tshirt, shirt                | 9-40    | letter 1 2 3 4    | organic cotton, unisex
cap        | cap, baseball cap, hat                     | 12-35   |                   | adjustable, sun protection
backpack   | backpack, rucksack, daypack                | 29-140  | l 15 20 30        | water repellent, laptop pocket
handbag    | handbag, shoulder bag, bag                 | 35-220  |                   | vegan leather, for women
sunglasses | sunglasses, shades, sun glasses            | 15-150  |                   | polarised, UV400, with case
watch      | watch, wrist watch, quartz watch           | 49-380  | mm 36 40 44       | water resistant, sapphire glass
umbrella   | umbrella, brolly, rain umbrella            | 12-60   |                   | windproof, automatic, with cover
mug        | mug, coffee mug, cup                       | 6-25    | ml 250 350 500    | ceramic, dishwasher safe
lamp       | table lamp, desk lamp, lamp                | 19-130  | cm 35 45 60       | E27, dimmable, bedside
kettle     | kettle, electric kettle, water kettle      | 19-90   | ml 1000 1500 1700 | 2200 W, stainless, auto off
chair      | chair, dining chair, kitchen chair         | 39-210  |                   | solid frame, for the dining room
bottle     | water bottle, drinking bottle, bottle      | 9-40    | ml 500 750 1000   | BPA free, leakproof, insulated
pan        | frying pan, pan, skillet                   | 15-95   | cm 20 24 28       | non-stick, induction, oven safe
clock      | wall clock, clock                          | 15-80   | cm 25 30 40       | silent, quartz movement, kitchen
cushion    | cushion, throw pillow, pillow              | 9-45    | cm 40 50 60       | with filling, washable, velvet
vase       | vase, flower vase                          | 12-85   | cm 20 30 40       | handmade, stoneware, decoration
headphones | headphones, headset, over-ear headphones   | 25-290  |                   | wireless, noise cancelling
phone      | smartphone, phone, mobile phone            | 129-990 | GB 64 128 256     | dual SIM, 5G, unlocked
usb stick  | USB stick, flash drive, USB drive          | 7-60    | GB 32 64 128      | USB 3.2, metal case, fast
speaker    | speaker, loudspeaker, bluetooth speaker    | 29-350  |                   | wireless, 20 W, stereo pair
keyboard   | keyboard, mechanical keyboard, PC keyboard | 19-180  |                   | QWERTY, USB-C, backlit
perfume    | eau de parfum, perfume, EdP spray          | 19-140  | ml 30 50 100      | for her, for him, gift box
"""

CATEGORIES: tuple[Category, ...] = tuple(_category(*row) for row in _rows(_CATEGORIES))

COLOURS: dict[str, tuple[Colour, tuple[str, ...]]] = {
    "black": ((38, 38, 42), ("black", "blk", "jet black")),
    "white": ((240, 240, 236), ("white", "wht", "off-white")),
    "grey": ((136, 140, 146), ("grey", "gray", "silver grey")),
    "red": ((200, 40, 44), ("red", "crimson")),
    "burgundy": ((118, 28, 48), ("burgundy", "wine red", "bordeaux")),
    "orange": ((234, 126, 40), ("orange", "tangerine")),
    "yellow": ((240, 204, 60), ("yellow", "sun yellow")),
    "green": ((52, 146, 78), ("green", "grn")),
    "olive": ((112, 116, 62), ("olive", "khaki", "olive green")),
    "mint": ((150, 212, 184), ("mint", "mint green")),
    "teal": ((22, 124, 130), ("teal", "petrol")),
    "light blue": ((130, 184, 224), ("light blue", "sky blue", "lt. blue")),
    "blue": ((44, 92, 190), ("blue", "royal blue")),
    "navy": ((30, 42, 88), ("navy", "dark blue", "navy blue")),
    "purple": ((112, 64, 152), ("purple", "violet")),
    "pink": ((236, 150, 178), ("pink", "rose")),
    "beige": ((214, 190, 154), ("beige", "sand", "cream")),
    "brown": ((118, 76, 50), ("brown", "brn", "chocolate")),
}
"""Colours by name: red, green and blue, and what sellers call them."""

BRANDS: tuple[str, ...] = _words("""
Avelkor, Bexiline, Brunvik, Calmoro, Corvenna, Delphino, Dornwick, Elmarque, Ennovia, Falkrest, Ferrowen, Gelmond,
Grivella, Halvenstad, Hexmoor, Ilvaro, Jovette, Kelvaris, Klarsund, Lommera, Luxoray, Marvello, Mondrax, Nerovia,
Nordhalm, Olvaria, Ostrend, Pellworth, Praxelle, Quorvane, Rivenzo, Rostmark, Selvanto, Skarholt, Tavrello, Trundel,
Ulmberg, Velmora, Wexholm, Zandrique
""")

MODEL_STEMS: tuple[str, ...] = _words("""
Alto, Aster, Basalt, Breeze, Cinder, Coral, Delta, Drift, Echo, Ember, Fjord, Flint, Gale, Harbor, Indigo, Iris, Juno,
Kestrel, Lark, Lumen, Meadow, Mistral, Nimbus, Nova, Onyx, Orbit, Pebble, Pixel, Quartz, Raven, Ridge, Sable, Sierra,
Slate, Summit, Terra, Tundra, Vega, Willow, Zephyr
""")
