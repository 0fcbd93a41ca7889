"""Looking up the few listings that filters admit."""

from decimal import Decimal

import pytest
from fakes.web import Shop, listing

from streams.web.search.narrowing import StoredFew
from streams.web.search.query import Filters
from streams.web.store import Kind


@pytest.fixture
def market(shop: Shop) -> Shop:
    some = [
        listing("a", category="Lamps", seller_id="s1", price="10.10"),
        listing("b", category="lamps", seller_id="s2", price="0.30"),
        listing("c", category="Shoes", seller_id="s1", price="10.10", currency="USD"),
        listing("gone", category="Lamps", seller_id="s1"),
    ]
    shop.lists(*some)
    shop.tells_product(*some)
    shop.hears(Kind.LISTINGS, shop.record(Kind.LISTINGS, "gone", None, 1_767_225_700_000))
    return shop


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (Filters(category=" LAMPS"), {"a", "b"}),
        (Filters(seller_id="s1"), {"a", "c"}),
        (Filters(currency="USD"), {"c"}),
        (Filters(currency="EUR", least=Decimal("0.30"), most=Decimal("10.10")), {"a", "b"}),
        (Filters(currency="EUR", least=Decimal("0.31")), {"a"}),
        (Filters(currency="EUR", most=Decimal("10.09"), seller_id="s2", category="lamps"), {"b"}),
        (Filters(seller_id="' or 1=1 --"), set()),
    ],
)
async def test_what_filters_admit(market: Shop, filters: Filters, wanted: set[str]):
    assert set(await StoredFew(market.store, lambda: True)(filters, 2)) == wanted


async def test_where_they_are_many_or_not_all_known_nobody_knows(market: Shop):
    assert await StoredFew(market.store, lambda: True)(Filters(seller_id="s1"), 1) is None
    assert await StoredFew(market.store, lambda: False)(Filters(seller_id="s1"), 9) is None
