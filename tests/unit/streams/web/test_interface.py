"""The interface against its own document: whatever that allows is asked, and nothing may fail."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import schemathesis
from fakes.web import TOKEN, Shop, listing
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.schemas import OpenApiSchema

from streams.events.matches import Match

HEADERS = {"Host": "127.0.0.1", "Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def document() -> Iterator[OpenApiSchema]:
    with TemporaryDirectory() as folder:
        shop = Shop(Path(folder))
        one, other = listing("a-1", gtin="4006381333931"), listing("b/2", price="9.50")
        shop.lists(one, other)
        shop.tells_product(one, other)
        shop.tells_matches("a-1", Match("b/2", 0.9, {"rule": "combined>=0.90", "text": 0.9}))
        shop.tells_matches("b/2", Match("a-1", 0.9, {"rule": "combined>=0.90", "text": 0.9}))
        yield schemathesis.openapi.from_asgi("/openapi.json", shop.app, headers=HEADERS)


def test_whatever_the_document_allows_is_answered_as_it_says(document: OpenApiSchema) -> None:
    asked = []
    for result in document.get_all_operations():
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(
            max_examples=20,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def ask(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=HEADERS)

        ask()
        asked.append(f"{operation.method.upper()} {operation.path}")
    assert {"GET /products", "GET /products/{product_id}", "GET /listings/{listing_id}/matches", "GET /offers"} <= set(asked)
