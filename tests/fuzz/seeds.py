"""Valid inputs of each target, where fuzzing begins: made here, so that they follow the formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b

import numpy as np
import orjson
from fakes.hostile_images import jpeg_with_scans, notes_that_overlap, saved, tiff_with_tiles, webp_with_canvas
from fakes.old_embeddings import as_json
from PIL import Image
from safetensors.numpy import save

from encoders.types import Generated, Modality, SparseRow, Tag
from streams.events import EmbeddingEvent, Judgement, Mark, Match, MatchEvent, Position, Verdict, Version
from streams.events.offers import Offer
from streams.events.products import ProductEvent

LISTING = {
    "listing_id": "a",
    "seller_id": "s",
    "title": "Sony WH-1000XM4 Kopfhörer 2er-Pack, 6 x 330 ml, size UK 8 dunkelblau 128 GB 耳机 红色",
    "description": "words",
    "image": "https://shop.example/a.jpg?size=1",
    "images": ["b.jpg", "", "b.jpg"],
    "price": "12.90",
    "currency": "EUR",
    "category": "Shoes > Women",
    "brand": "Sony",
    "gtin": "4006381333931",
    "attributes": {"colour": "rose gold", "capacity_ml": 500, "pack size": "3", "nested": [{"a": [1.5, None, True]}]},
    "url": "https://shop.example/a",
    "version": 7,
}
TITLES = (
    "colour: dark blue",
    "size: 42 2/3",
    "2x USB cable 1,5 m 10'000 mAh up to 5.5kg",
    "60 x 85 x 55 cm",
    "ﷺ é ١٢ ½ ″ 1e400",
)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")
_ROWS = {
    Modality.TEXT: np.array([0.6, 0.8], np.float32),
    Modality.LEXICAL: SparseRow(np.array([1, 9], np.uint32), np.array([0.6, 0.8], np.float32)),
}
_SEEN = Generated("a red mug", {"colour": Tag("red", 0.9)})
_MATCH = Match("b", 0.9, {"text": 0.9, "rule": "combined>=0.90"})


def _records(*records: tuple[bytes, bytes | None]) -> list[bytes]:
    return [key + b"\n" + (value or b"") for key, value in records]


def _listings() -> list[bytes]:
    plain = {"listing_id": "a", "title": "red shoe"}
    return _records((b"a", orjson.dumps(LISTING)), (b"a", orjson.dumps(plain)), (b"a", b"null"), (b"b", b"{}"))


def _embeddings() -> list[bytes]:
    version, position = Version(stated=True, number=7, digest="d"), Position(5, 6)
    event = EmbeddingEvent("a", version, position, LISTING, _ROWS, {"title": "c.d"}, {"image": "404"}, _SEEN)
    gone = EmbeddingEvent("a", None, position)
    return _records((b"a", event.to_bytes()), (b"a", as_json(event)), (b"a", gone.to_bytes()))


def _matches() -> list[bytes]:
    event = MatchEvent("a", 2, "g1", "why", (_MATCH,), ("b",), ("c",), "2026-01-01T00:00:00Z", (_MATCH,), "b1", "t1")
    return _records((b"a", event.to_bytes()))


def _products() -> list[bytes]:
    offers = (Offer.of("a", LISTING), Offer("b"))
    return _records((b"p", ProductEvent("p", 1, "g1", "why", ("a", "b"), offers, merged_from=("q",)).to_bytes()))


def _judgements() -> list[bytes]:
    verdicts = [Judgement.on("a", "b", verdict, by="ann", at="now") for verdict in Verdict]
    return _records(*((one.key, one.to_bytes()) for one in verdicts), (b'"AB"', b'{"verdict":"same"}'))


def _images() -> list[bytes]:
    small = Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8))
    notes = saved(small, "JPEG", exif=notes_that_overlap(3, 40))
    modes = [saved(small.convert(mode), "PNG") for mode in ("1", "P", "LA", "RGBA", "I;16")]
    odd = [jpeg_with_scans(2, 16), tiff_with_tiles(8, 16), webp_with_canvas(8), notes]
    printed = saved(small.convert("CMYK"), "JPEG")
    return [*(saved(small, one) for one in FORMATS), *modes, *odd, printed]


def _manifests() -> list[bytes]:
    files = {"idf.safetensors": blake2b(b"", digest_size=32).hexdigest()}
    lexical = {"bits": 18, "characters": [4, 4], "idf": "idf.safetensors"}
    text = {"model": "text", "max_tokens": 64}
    manifest = {"format": 2, "files": files, "text": text, "lexical": lexical, "dimensions": {"text": 384}}
    return [orjson.dumps(manifest), orjson.dumps({"format": 1, "files": {}, "lexical": {}})]


def _plain(*texts: str) -> Callable[[], list[bytes]]:
    return lambda: [text.encode() for text in texts]


SEEDS: Mapping[str, Callable[[], list[bytes]]] = {
    "listing": _listings,
    "withdrawal": _plain("7", "007", str(2**63)),
    "embedding": _embeddings,
    "match": _matches,
    "product": _products,
    "mark": lambda: _records((b"a", Mark("a", "why").to_bytes())),
    "judgement": _judgements,
    "gtin": _plain("4006381333931", "0 36000 29145 2", "96385074"),
    "title": _plain(str(LISTING["title"]), *TITLES),
    "image": _images,
    "url": _plain("https://ann:secret@shop.example:8080/a/../b.jpg?q=1#f", "a/b.jpg", "http://[::ffff:1.2.3.4]/"),
    "click": _plain('{"session":"s","query":"Red Shoe","listing_id":7}'),
    "manifest": _manifests,
    "tensors": lambda: [save({"weight": np.zeros((2, 3), np.float32)}), save({})],
}
