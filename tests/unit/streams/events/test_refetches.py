"""What waits in `refetch` comes back as it was."""

from dataclasses import replace

import pytest

from streams.errors import UnreadableEventError
from streams.events import EmbeddingEvent, Message, Position, Version
from streams.events.refetches import Refetch

EVENT = EmbeddingEvent(
    "a",
    Version(stated=True, number=3, digest="d"),
    Position(5, 7),
    listing={"listing_id": "a", "image": "http://a.example/1"},
    failures={"image": "503"},
)


def carried(request, **changes):
    fields = {"headers": request.headers(), "value": request.event.to_bytes(), **changes}
    return Message("g1.refetch", request.event.listing_id.encode(), **fields)


def test_a_request_comes_back_as_it_was():
    request = Refetch(EVENT, 11)
    assert Refetch.from_message(carried(request)) == request


def test_once_more_is_the_next_attempt_with_what_was_learned():
    later = EmbeddingEvent("a", EVENT.version, EVENT.position, EVENT.listing, failures={"image": "not complete"})
    assert Refetch(EVENT, 2).once_more(later) == Refetch(later, 3)


@pytest.mark.parametrize("attempt", [b"", b"0", b"-1", b"1.0", "²".encode(), b"9" * 5_000, None])
def test_a_number_that_is_none_is_refused_in_one_line(attempt):
    with pytest.raises(UnreadableEventError, match="give each generation topics of its own") as caught:
        Refetch.from_message(carried(Refetch(EVENT), headers={"attempt": attempt}))
    assert len(str(caught.value)) < 500


def test_a_listing_from_before_a_field_had_a_meaning_is_refused_in_one_line():
    event = replace(EVENT, listing={**EVENT.listing, "images": [{"url": "http://a.example/2"}]})
    with pytest.raises(UnreadableEventError, match="publish the listing again") as caught:
        Refetch.from_message(carried(Refetch(event)))
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "event", [EmbeddingEvent("a", None, Position(5, 7)), EmbeddingEvent("a", EVENT.version, EVENT.position)]
)
def test_a_withdrawal_has_no_photo(event):
    with pytest.raises(UnreadableEventError):
        Refetch.from_message(carried(Refetch(event)))
