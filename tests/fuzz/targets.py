"""What strangers' bytes reach, each as a function that may only return: anything it raises is a fault."""

from __future__ import annotations

import contextlib
import tempfile
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import orjson
from safetensors import SafetensorError

from encoders.bundle import LexicalSpec, read_bundle
from encoders.bundle.headers import parameters_in, shapes_in
from encoders.errors import BundleError, ImageError
from encoders.lexical import LexicalEncoder
from encoders.photos import decode_image
from streams.errors import ImageFetchError, UnreadableEventError
from streams.events import EmbeddingEvent, Judgement, Mark, MatchEvent, Message, read_listing_event
from streams.events.offers import Offer
from streams.events.products import ProductEvent
from streams.images.references import is_path, read_url, subject
from streams.index.layout import point_id
from streams.learning.positives.clicks import read_click
from streams.matching import Details
from streams.matching.scoring.tokens import tokens_of
from streams.matching.variants import VetoKind, facts_of, normalised_gtin, vetoes_of
from streams.stages.contents import contents_of, seals_of
from streams.stages.dead_letters import read_or_lay_aside

MAX_PIXELS = 250_000
LONGEST_REFUSAL = 1_200
"""Characters: what a refusal tells of a message is bounded, whatever is in it."""

Target = Callable[[bytes], None]


class _Readable(Protocol):
    def to_bytes(self) -> bytes | None: ...


def listing(data: bytes) -> None:
    """A record of `listings`, the key before the first line break: read and taken as far as its words go."""
    key, _, value = data.partition(b"\n")
    message = Message("listings", key, value)
    [event], dead = _laid_aside(message)
    if event is None:
        [letter] = dead
        assert (letter.key, letter.value) == (key, value)
        return
    sent = EmbeddingEvent(event.listing_id, event.version, event.position, event.raw).to_bytes()
    assert EmbeddingEvent.from_bytes(key, sent).listing == event.raw
    assert point_id(event.listing_id)
    assert seals_of(contents_of(event.listing), {}) == {}
    assert Offer.of(event.listing_id, event.raw).image in {None, *event.listing.photos}
    _words(Details.of(event.raw))


def withdrawal(data: bytes) -> None:
    """The version header of a withdrawal."""
    [event], _ = _laid_aside(Message("listings", b"a", None, headers={"version": data}))
    assert event is None or event.version.number == int(data)


def _laid_aside(message: Message):
    events, dead = read_or_lay_aside([message], read_listing_event)
    for letter in dead:
        _check_words(letter.headers["matchstream.reason"].decode())
    return events or [None], dead


def embedding(data: bytes) -> None:
    _round_trip(EmbeddingEvent.from_bytes, data)


def match(data: bytes) -> None:
    _round_trip(MatchEvent.from_bytes, data)


def product(data: bytes) -> None:
    _round_trip(ProductEvent.from_bytes, data)


def mark(data: bytes) -> None:
    key, _, value = data.partition(b"\n")
    again = Mark.from_bytes(key, value)
    assert Mark.from_bytes(again.listing_id.encode(), again.to_bytes()) == again


def judgement(data: bytes) -> None:
    _round_trip(Judgement.from_bytes, data)


def _round_trip(read: Callable[[bytes, bytes], _Readable], data: bytes) -> None:
    """What is read can be written, and reads the same again."""
    key, _, value = data.partition(b"\n")
    with _refusing():
        event = read(key, value)
        written = event.to_bytes()
        assert read(key, written).to_bytes() == written


def gtin(data: bytes) -> None:
    found = normalised_gtin(data.decode("utf-8", "replace"))
    assert found is None or (len(found) == 14 and normalised_gtin(found) == found)


def title(data: bytes) -> None:
    """A title, or an attribute and its value parted by a colon: what is read out of the words."""
    text = data.decode("utf-8", "replace")
    name, _, value = text.partition(":")
    _words(Details(title=text, brand=name, category=value, gtin=value, attributes=((name, value),)))


def _words(details: Details) -> None:
    facts = facts_of(details)
    assert all(value.shown for values in facts.values.values() for value in values)
    assert vetoes_of(details, details, list(VetoKind)) == ()
    tokens_of(details)
    LexicalEncoder(LexicalSpec()).encode([details.title])


def image(data: bytes) -> None:
    with warnings.catch_warnings(), contextlib.suppress(ImageError):
        warnings.simplefilter("ignore")
        picture = decode_image(data, MAX_PIXELS)
        assert picture.mode == "RGB"
        assert 0 < picture.width * picture.height <= MAX_PIXELS


def url(data: bytes) -> None:
    reference = data.decode("utf-8", "replace")
    assert subject(reference).isprintable()
    if not is_path(reference):
        with contextlib.suppress(ImageFetchError):
            assert read_url(reference, said_by="image").host


def click(data: bytes) -> None:
    with _refusing():
        found = read_click(data)
        again = {"session": found.session, "query": found.query, "listing_id": found.listing_id}
        assert read_click(orjson.dumps(again)) == found


def manifest(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, contextlib.suppress(BundleError):
        (Path(folder) / "manifest.json").write_bytes(data)
        read_bundle(folder)


def tensors(data: bytes) -> None:
    """The header of a safetensors file."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "weights.safetensors"
        file.write_bytes(data)
        parameters_in(file)
        with contextlib.suppress(SafetensorError):
            shapes_in(file)


@contextlib.contextmanager
def _refusing():
    try:
        yield
    except UnreadableEventError as error:
        _check_words(str(error))


def _check_words(reason: str) -> None:
    assert len(reason) <= LONGEST_REFUSAL
    assert len(reason.splitlines()) == 1


_EVENTS = (listing, withdrawal, embedding, match, product, mark, judgement)
TARGETS: Mapping[str, Target] = {
    one.__name__: one for one in (*_EVENTS, gtin, title, image, url, click, manifest, tensors)
}
