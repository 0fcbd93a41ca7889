import orjson

from streams.events import Message, read_listing_event
from streams.learning.listed import listed


def event(listing_id, title, offset, **fields):
    value = orjson.dumps({"listing_id": listing_id, "title": title, **fields}) if title else None
    return read_listing_event(Message("listings", listing_id.encode(), value, offset=offset, timestamp_ms=1000))


def titles(*events):
    return {one: found.listing.title for one, found in listed(events).items()}


def test_the_newest_stated_version_counts_whatever_the_order():
    new, old = event("a", "new", 0, version=2), event("a", "old", 1, version=1)
    assert titles(new, old) == titles(old, new) == {"a": "new"}


def test_without_versions_the_later_record_counts_although_the_time_is_the_same():
    assert titles(event("a", "first", 0), event("a", "second", 1)) == {"a": "second"}


def test_a_withdrawn_listing_is_not_there():
    assert titles(event("a", "red", 0), event("b", "blue", 1), event("a", None, 2)) == {"b": "blue"}


def test_a_listing_published_again_after_its_withdrawal_is_there():
    assert titles(event("a", "red", 0), event("a", None, 1), event("a", "red again", 2)) == {"a": "red again"}
