"""A new price on its way from the seller to the page: nothing is embedded for it."""

import re

from fakes.bench import POLICY
from fakes.flow import Flow
from fakes.web import Shop, listing

from streams.stages import Channel
from streams.web.store import Kind

LAMPS = (listing("a1", title="red desk lamp", image="lamp 1"), listing("b1", title="red desk lamp", image="lamp 2"))


async def test_a_new_price_reaches_the_page_without_embedding_anything(shop: Shop) -> None:
    flow = Flow(POLICY)

    async def published(*listings: dict[str, object]) -> int:
        """Let the stages work; how many product events came of it."""
        before = len(flow.sent[Channel.PRODUCTS])
        for one in listings:
            flow.publish(str(one["listing_id"]), one)
        await flow.drain()
        letters = flow.sent[Channel.PRODUCTS][before:]
        for letter in letters:
            shop.hears(Kind.PRODUCTS, shop.record(Kind.PRODUCTS, letter.key.decode(), letter.value))
        return len(letters)

    def steps() -> int:
        text = shop.client().get("/product?id=a1").text
        return len(re.findall("[HV]", re.findall(r'class="line line-\d" d="(M6[^"]*)"', text)[0]))

    await published(*({**one, "version": 1} for one in LAMPS))
    encoded, fetched, drawn = flow.encoder.encoded, len(flow.images.fetched), steps()
    assert encoded >= 2
    assert await published({**LAMPS[0], "price": "7.50", "version": 2}) == 1
    assert (flow.encoder.encoded, len(flow.images.fetched)) == (encoded, fetched)
    told = shop.client().get("/prices?listing=a1").json()["prices"]
    assert [one["price"] for one in told] == ["10.00", "7.50"]
    assert len(shop.client().get("/prices?listing=b1").json()["prices"]) == 1
    assert steps() == drawn + 2  # along to the new price, and down
