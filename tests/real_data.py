"""Real listings that nobody here wrote, as matchstream reads them; their folder is never part of the project.

    python tests/real_data.py pricerunner score 2000 offers.jsonl
    python tests/real_data.py grocery tune 600 photos.jsonl
    python tests/real_data.py grocery-half score 2000 described.jsonl
    python tests/real_data.py grocery-split train 3000 training.jsonl

Products are divided by a hash of their id: thresholds are chosen on `tune` and figures taken on `score`. Where encoders
are trained, too, `tune` is divided into `encoders` (three products in five) and `matching`, which they never see.
"""

from __future__ import annotations

import csv
import hashlib
import os
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import orjson

PARTS = ("tune", "score")
PARTS_OF_TUNE = ("encoders", "matching")
PHOTOS_PER_PRODUCT = 40
WORDS_OF_A_PIECE = 8


def data_folder() -> Path | None:
    """Where the data is: named by MATCHSTREAM_DATA, else beside the checkout; None where it is not."""
    named = os.environ.get("MATCHSTREAM_DATA")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared" / "data"
    return folder if folder.is_dir() else None


def pricerunner(folder: Path, part: str, limit: int) -> list[dict]:
    """Offers of whole products, at most so many."""
    with (folder / "pricerunner" / "offers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    listings = (
        {
            "listing_id": f"pr-{row['offer_id']}",
            "seller_id": f"merchant-{row['merchant_id']}",
            "title": row["title"],
            "category": row["category"],
            "product_id": row["cluster_id"],
        }
        for row in rows
    )
    return list(_whole_products(listings, part, limit))


def grocery(folder: Path, part: str, limit: int) -> list[dict]:
    """Photos, titled with the coarse name of what they show; of each product at most `PHOTOS_PER_PRODUCT`."""
    listings = ({**_photo(row), "title": row["coarse"].replace("-", " ")} for row in _photo_rows(folder))
    return list(_whole_products(listings, part, limit, PHOTOS_PER_PRODUCT))


def grocery_half(folder: Path, part: str, limit: int) -> list[dict]:
    """All photos; about half of them are titled with the description of the product, the others say nothing.

    Which half is told by a hash of the path. The coarse name, which would say what a photo shows, is nowhere.
    """
    listings = (
        {**_photo(row), **({"title": _description(folder, row)} if is_described(row["path"]) else {})}
        for row in _photo_rows(folder)
    )
    return list(_whole_products(listings, part, limit))


def grocery_pieces(folder: Path, part: str, limit: int) -> list[dict]:
    """The same photos; the half that has words has eight in a row of its description, each photo others.

    A whole description is the same on every photo of a product, so it is a key; pieces differ as sellers' words do.
    """
    return [
        {**one, "title": _piece(one["title"], one["image"])} if "title" in one else one
        for one in grocery_half(folder, part, limit)
    ]


def grocery_words(folder: Path, part: str, limit: int) -> list[dict]:
    """All photos, each with eight words in a row of the description of what it shows, each other words."""
    listings = ({**_photo(row), "title": _piece(_description(folder, row), row["path"])} for row in _photo_rows(folder))
    return list(_whole_products(listings, part, limit))


def grocery_split(folder: Path, part: str, limit: int) -> list[dict]:
    """The photos of one split of the data's own, `train` or `val`, without words; both show the same products."""
    rows = [row for row in _photo_rows(folder) if row["split"] == part]
    return [_photo(row) for row in rows][:limit]


def is_described(path: str) -> bool:
    """Whether the photo at this path has a description in `grocery-half`."""
    return _hash(f"described {path}") % 2 == 0


def _photo_rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "grocery" / "photos.csv").open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: _hash(row["path"]))


def _photo(row: dict[str, str]) -> dict:
    path = row["path"]
    return {"listing_id": path.removesuffix(".jpg"), "image": path, "product_id": row["product_id"]}


def _description(folder: Path, row: dict[str, str]) -> str:
    words = (folder / "grocery" / row["description_path"]).read_text(encoding="utf-8").split()
    return " ".join(words)


def _piece(text: str, path: str) -> str:
    words = text.split()
    start = _hash(f"piece {path}") % max(len(words) - WORDS_OF_A_PIECE + 1, 1)
    return " ".join(words[start : start + WORDS_OF_A_PIECE])


def _whole_products(listings: Iterable[dict], part: str, limit: int, per_product: int = 10_000) -> Iterator[dict]:
    """Products of one part, in the order of their hashes, as many as fit."""
    products = defaultdict(list)
    for listing in listings:
        if part in parts_of(listing["product_id"]):
            products[listing["product_id"]].append(listing)
    room = limit
    for product_id in sorted(products, key=_hash):
        some = products[product_id][:per_product]
        if len(some) <= room:
            room -= len(some)
            yield from some


def parts_of(product_id: str) -> tuple[str, ...]:
    """The parts that a product is in."""
    part = PARTS[_hash(product_id) % len(PARTS)]
    trains = _hash(f"encoders {product_id}") % 5 < 3
    return (part, PARTS_OF_TUNE[not trains]) if part == "tune" else (part,)


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


SETS: dict[str, Callable[[Path, str, int], list[dict]]] = {
    "pricerunner": pricerunner,
    "grocery": grocery,
    "grocery-half": grocery_half,
    "grocery-pieces": grocery_pieces,
    "grocery-words": grocery_words,
    "grocery-split": grocery_split,
}


def main() -> None:
    """Write one part of one set as JSONL."""
    name, part, limit, output = sys.argv[1:]
    folder = data_folder()
    if folder is None:
        sys.exit("real data: not found; set MATCHSTREAM_DATA to its folder")
    listings = SETS[name](folder, part, int(limit))
    Path(output).write_bytes(b"".join(orjson.dumps(listing) + b"\n" for listing in listings))
    print(f"wrote {len(listings)} listings of {len({one['product_id'] for one in listings})} products to {output}")


if __name__ == "__main__":
    main()
