"""What a new price costs: one look at the index in the embed stage, a look and a write in the index stage, no model."""

import pytest
from fakes.bench import Bench, embedded, key_of
from fakes.seen import MUG, bench

from streams.events.rows import same_rows
from streams.index import View
from streams.stages import Channel

PRICED = {"price": "10", "currency": "EUR", "version": 1}
SHOES = {name: {"title": f"red shoe {name}", "image": "shoe 1", **PRICED} for name in "abc"}
MUGS = {name: {**MUG, **PRICED} for name in "abc"}


def unasked():
    """What fails the test when it is asked for."""

    async def refuse(*_args, **_named):
        raise AssertionError("asked for a new price")

    return refuse


@pytest.mark.parametrize(("new", "goods"), [(Bench, SHOES), (bench, MUGS)], ids=["titles and photos", "captions"])
async def test_new_prices_need_no_encoder_no_photo_and_no_search(new, goods):
    one = new()
    await one.publish(*(one.message(name, fields) for name, fields in goods.items()))
    before = await one.index.read(goods, views=list(View))
    prices = [one.message(name, {**fields, "price": "12", "version": 2}) for name, fields in goods.items()]
    for_products, trips = len(one.for_products), one.index.round_trips
    object.__setattr__(one.dependencies, "encode", unasked())
    one.images.fetch_all = one.index.search = unasked()

    letters = await one.embed(*prices)
    assert one.index.round_trips - trips == 1
    assert [(letter.channel, key_of(letter)) for letter in letters] == [(Channel.EMBEDDINGS, name) for name in goods]
    for event in embedded(letters):
        assert event.listing["price"] == "12"
        assert same_rows(event.embedding, before[event.listing_id].raw)

    assert await one.apply(*letters) == []
    assert one.index.round_trips - trips == 3
    assert [key_of(letter) for letter in one.for_products[for_products:]] == list(goods)
    after = await one.index.read(goods, views=list(View))
    for name, point in before.items():
        changed = {field for field, value in after[name].payload.items() if point.payload.get(field) != value}
        assert changed == {"listing", "standing"}
        assert all(same_rows(after[name].view(view), point.view(view)) for view in View)
