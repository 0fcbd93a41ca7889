"""What can be looked for, and what is refused."""

from decimal import Decimal

import pytest

from streams.errors import UploadError
from streams.web.search.query import Filters, SearchRequest


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({}, "neither words nor a photo"),
        ({"words": " \t"}, "neither words nor a photo"),
        ({"photo": b"x", "like": "a"}, "a photo and a listing"),
        ({"words": "a", "strength": 1.5}, "strength: 1.5, 0 to 1 wanted"),
        ({"words": "a", "strength": float("nan")}, "strength: nan"),
        ({"words": "a", "limit": 0}, "limit: 0, 1 to 100 wanted"),
    ],
)
def test_a_request_that_makes_no_sense_is_told_so(asked, reason):
    with pytest.raises(UploadError, match=reason):
        SearchRequest(**asked)


@pytest.mark.parametrize("asked", [{"least": Decimal(1)}, {"currency": "EUR", "least": Decimal(2), "most": Decimal(1)}])
def test_prices_without_a_currency_or_the_wrong_way_round_are_refused(asked):
    with pytest.raises(UploadError, match="price"):
        Filters(**asked)


def test_long_words_are_cut_and_half_characters_replaced():
    assert len(SearchRequest("a" * 10_000).words) == 1_000
    assert SearchRequest("red \ud800 shoe").words == "red ? shoe"
