"""Product events: what is told byte for byte, what fits the published schema, what comes back."""

from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from encoders.types import Generated, Tag
from streams.brokers.topics import MESSAGE_BYTES
from streams.errors import UnreadableEventError
from streams.events import schemas
from streams.events.generated import LONGEST_CAPTION, LONGEST_WORD, MOST_TAGS
from streams.events.offers import LONGEST_LINK, LONGEST_TITLE, Offer, in_order
from streams.events.products import ProductEvent
from streams.settings import Settings

EXAMPLES = Path(__file__).parents[4] / "docs" / "schemas" / "examples"
SCHEMA = Draft202012Validator(orjson.loads(schemas.schemas()["product-event.json"]))

MUG = Offer(
    listing_id="s7-2",
    seller_id="s7",
    title="Red mug 300 ml",
    image="https://img.example/mug.jpg",
    url="https://shop.example/mug",
    price="7.50",
    currency="EUR",
)
TOLD = {
    "product-event-merged": ProductEvent(
        product_id="s1-9",
        revision=3,
        generation="g1",
        cause="listing s7-2 published",
        members=("s1-9", "s2-120", "s7-2", "s9-1"),
        offers=(
            MUG,
            Offer("s1-9", "s1", "Mug, red, 0.3 l", None, None, "8.00", "EUR"),
            Offer("s9-1", "s9", "red mug", None, None, "6.99", "USD"),
            Offer("s2-120", image="mugs/120.jpg"),
        ),
        merged_from=("s7-2",),
        occurred_at="2026-01-01T00:00:00.000Z",
    ),
    "product-event-alone": ProductEvent(
        product_id="s2-ü",
        revision=1,
        generation="summer-2026",
        cause="listing s2-ü published",
        members=("s2-ü",),
        offers=(Offer("s2-ü", title="Becher, rot"),),
        occurred_at="2026-01-01T00:01:00.500Z",
    ),
    "product-event-split": ProductEvent(
        product_id="s1-9",
        revision=4,
        generation="g1",
        cause="listing s9-1 published",
        members=("s1-9", "s7-2"),
        offers=(MUG, Offer("s1-9", "s1", "Mug, red, 0.3 l", None, None, "8.00", "EUR")),
        oversized=True,
        split_from=("s0-1",),
        split_into=("s2-120", "s9-1"),
        occurred_at="2026-01-01T00:02:00.000Z",
    ),
    "product-event-generated": ProductEvent(
        product_id="s4-1",
        revision=1,
        generation="g1",
        cause="listing s4-1 published",
        members=("s4-1",),
        offers=(
            Offer(
                "s4-1",
                image="https://img.example/mug.jpg",
                generated=Generated(
                    "a red mug on a table", {"category": Tag("mug", 0.93), "material": Tag("ceramic", 0.71)}
                ),
            ),
        ),
        occurred_at="2026-01-01T00:03:00.000Z",
    ),
}
"""The events whose values are the golden files."""


def example(name):
    return (EXAMPLES / f"{name}.json").read_bytes()


def test_there_is_an_example_of_each_and_no_other():
    assert {file.stem for file in EXAMPLES.glob("product-event-*.json")} == set(TOLD)


@pytest.mark.parametrize(("name", "event"), TOLD.items())
def test_a_product_event_is_told_byte_for_byte_as_in_the_examples(name, event):
    assert event.to_bytes() + b"\n" == example(name)


@pytest.mark.parametrize(("name", "event"), TOLD.items())
def test_a_product_event_of_the_examples_fits_the_schema_and_is_read(name, event):
    SCHEMA.validate(orjson.loads(example(name)))
    assert ProductEvent.from_bytes(event.product_id.encode(), example(name)) == event


def test_an_event_without_a_time_of_its_own_fits_the_schema_too():
    SCHEMA.validate(orjson.loads(ProductEvent("a", 1, "g1", "", ("a",), (Offer("a"),)).to_bytes()))


def test_the_best_offer_is_the_cheapest_of_each_currency():
    event = TOLD["product-event-merged"]
    assert {currency: offer.listing_id for currency, offer in event.best.items()} == {"EUR": "s7-2", "USD": "s9-1"}


def test_what_is_written_comes_back_also_for_a_product_that_is_gone():
    gone = ProductEvent("a", 7, "g1", "listing a withdrawn", None, split_into=("b",))
    assert ProductEvent.from_json(orjson.loads(orjson.dumps(gone.to_json()))) == gone


def test_a_product_that_is_gone_is_a_tombstone():
    assert ProductEvent("a", 7, "g1", "", None).to_bytes() is None
    assert ProductEvent.from_bytes(b"a", None) == ProductEvent("a", 0, "", "", None, occurred_at="")


def test_a_tombstone_says_in_its_headers_which_news_it_is():
    gone = ProductEvent("a", 7, "g1", "", None)
    read = ProductEvent.from_bytes(b"a", gone.to_bytes(), gone.headers())
    assert (read.revision, read.generation, read.members) == (7, "g1", None)
    assert TOLD["product-event-alone"].headers() == {}


def test_events_are_alike_if_they_leave_subscribers_with_the_same():
    one = TOLD["product-event-alone"]
    gone = ProductEvent(one.product_id, 9, "g2", "", None)
    same = ProductEvent(one.product_id, 9, "g2", "", one.members, one.offers)
    assert all(ProductEvent.alike(*both) for both in [(one, same), (gone, None), (None, gone), (None, None)])
    assert not any(ProductEvent.alike(*both) for both in [(one, gone), (None, one), (one, None), (gone, one)])


def test_two_events_say_the_same_whatever_led_to_them():
    one = TOLD["product-event-alone"]
    assert one.says_the_same(ProductEvent(one.product_id, 9, "g2", "", one.members, one.offers, merged_from=("x",)))
    assert not one.says_the_same(ProductEvent(one.product_id, 1, "g1", "", one.members, one.offers, oversized=True))
    assert not one.says_the_same(ProductEvent(one.product_id, 1, "g1", "", one.members, (Offer("s2-ü", price="1"),)))


def test_what_models_say_anew_is_news():
    one, *others = (
        ProductEvent("a", 1, "g1", "", ("a",), (Offer("a", generated=Generated(caption, tags)),))
        for caption, tags in (("a mug", {}), ("a cup", {}), (None, {}), ("a mug", {"colour": Tag("red", 0.9)}))
    )
    assert not any(one.says_the_same(other) for other in others)
    assert one.says_the_same(ProductEvent.from_bytes(b"a", one.to_bytes()))


BAD_EVENTS = [
    {"product_id": ""},
    {"revision": 0},
    {"revision": "1"},
    {"occurred_at": "yesterday"},
    {"members": None},
    {"members": []},
    {"offers": []},
    {"offers": [{"listing_id": "a"}]},
    {"offers": [MUG.to_json() | {"price": 7.5}]},
    {"offers": [MUG.to_json() | {"price": "7,50"}]},
    {"offers": [MUG.to_json() | {"currency": "euro"}]},
    {"offers": [MUG.to_json() | {"generated": None}]},
    {"offers": [MUG.to_json() | {"generated": {"caption": "a mug"}}]},
    {"offers": [MUG.to_json() | {"generated": {"line": "mug", "tags": {"category": "mug"}}}]},
    {"best": {"EUR": "s7-2"}},
    {"best": {"EUR": {"listing_id": "s7-2", "price": 7.5}}},
    {"oversized": 1},
    {"merged_from": "a"},
    {"split_from": [1]},
    {"split_into": None},
]


@pytest.mark.parametrize("fields", BAD_EVENTS, ids=lambda fields: str(fields)[:60])
def test_no_other_shape_fits_the_schema(fields):
    assert not SCHEMA.is_valid(orjson.loads(example("product-event-merged")) | fields)


@pytest.mark.parametrize("missing", orjson.loads(example("product-event-merged")))
def test_no_field_may_be_missing(missing):
    value = orjson.loads(example("product-event-merged"))
    del value[missing]
    assert not SCHEMA.is_valid(value)


def test_events_may_have_fields_that_are_not_known_yet():
    value = orjson.loads(example("product-event-merged")) | {"title": "Red mug"}
    value["offers"][0] |= {"shipping": "4.90"}
    SCHEMA.validate(value)
    assert ProductEvent.from_bytes(b"s1-9", orjson.dumps(value)) == TOLD["product-event-merged"]


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"null", b"3", b"{}", b'{"product_id": "a"}'])
def test_what_is_no_product_event_is_refused_with_a_remedy(value):
    with pytest.raises(UnreadableEventError, match=r"^product event of b'a': .* wanted; let nobody else write"):
        ProductEvent.from_bytes(b"a", value)


def test_the_largest_product_of_a_default_installation_is_one_message():
    limit = Settings().product_limit
    ids = ["\x01" * 6 + f"{i:0250}" for i in range(limit)]
    longest = {
        "seller_id": "ü" * 1_000,
        "title": "\x01" * LONGEST_TITLE,
        "image": "x" * LONGEST_LINK,
        "url": "x" * LONGEST_LINK,
        "price": "9" * 20,
        "currency": "EUR",
    }
    words = {f"list{i:036}": Tag("\x01" * LONGEST_WORD, 0.99) for i in range(MOST_TAGS)}
    offers = in_order(Offer.of(one, longest, Generated("\x01" * LONGEST_CAPTION, words)) for one in ids)
    event = ProductEvent(ids[0], 1, "g1", "", tuple(ids), offers, merged_from=tuple(ids), split_from=tuple(ids))
    assert MESSAGE_BYTES / 4 < len(event.to_bytes()) < MESSAGE_BYTES
