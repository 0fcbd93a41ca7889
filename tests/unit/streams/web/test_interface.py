"""The interface against its own document: whatever that allows is asked, and nothing may fail."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import schemathesis
from fakes.colours import colour_shop
from fakes.web import TOKEN, listing
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import positive_data_acceptance
from schemathesis.specs.openapi.schemas import OpenApiSchema

from streams.events.matches import Match

HEADERS = {"Host": "127.0.0.1", "Authorization": f"Bearer {TOKEN}"}


@contextmanager
def document() -> Iterator[OpenApiSchema]:
    with TemporaryDirectory() as folder:
        shop = asyncio.run(colour_shop(Path(folder)))
        one, other = listing("a-1", gtin="4006381333931"), listing("b/2", price="9.50")
        shop.lists(one, other)
        shop.tells_product(one, other)
        shop.tells_matches("a-1", Match("b/2", 0.9, {"rule": "combined>=0.90", "text": 0.9}))
        shop.tells_matches("b/2", Match("a-1", 0.9, {"rule": "combined>=0.90", "text": 0.9}))
        yield schemathesis.openapi.from_asgi("/openapi.json", shop.app, headers=HEADERS)


def test_whatever_the_document_allows_is_answered_as_it_says() -> None:
    with document() as schema:
        operations = [found.ok() for found in schema.get_all_operations()]
        for operation in operations:
            ask_often(operation)
    asked = {f"{one.method.upper()} {one.path}" for one in operations}
    assert asked >= {"GET /products/{product_id}", "GET /listings/{listing_id}/matches", "GET /offers", "POST /votes"}


def ask_often(operation: APIOperation) -> None:
    @given(case=operation.as_strategy())
    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        # what no schema can say (a price needs a currency, a cursor is ours) is answered by 422 too
        case.call_and_validate(headers=HEADERS, excluded_checks=[positive_data_acceptance])

    ask()
