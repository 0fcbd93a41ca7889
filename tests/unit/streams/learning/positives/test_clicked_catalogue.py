import orjson
import pytest

from streams.events import Message, read_listing_event
from streams.learning.positives import Catalogue
from streams.learning.positives.catalogue import leaf_of


@pytest.mark.parametrize(
    ("category", "leaf"),
    [
        ("Phones", "phones"),
        ("Electronics > Phones >  Smart  Phones ", "smart phones"),
        ("Home/Kitchen/Pots", "pots"),
        ("Audio/Video > TV/Monitors", "tv/monitors"),
        ("A | B", "b"),
        ("A » B", "b"),
        ("A > B > ", "b"),
        (" > ", ""),
        ("", ""),
    ],
)
def test_the_leaf_is_the_last_part_of_the_path(category, leaf):
    assert leaf_of(category) == leaf


def event(number, listing_id, **fields):
    value = orjson.dumps({"listing_id": listing_id, **fields})
    return read_listing_event(Message("listings", listing_id.encode(), value, timestamp_ms=1, offset=number))


def test_the_newest_version_of_each_listing_counts():
    catalogue = Catalogue.of(
        [
            event(1, "b", title="new", category="X > Y", version=2),
            event(2, "a", image="a.jpg"),
            event(3, "b", title="old", category="Z", version=1),
        ]
    )
    assert catalogue == Catalogue(("a", "b"), ("", "new"), ("", "y"))


def test_equal_leaves_are_equal_numbers_and_none_is_below_zero():
    codes = Catalogue(("a", "b", "c", "d"), ("",) * 4, ("y", "x", "", "y")).leaf_codes.tolist()
    assert codes == [1, 0, -1, 1]
