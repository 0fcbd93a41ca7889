"""Reading marks."""

from streams.events import Mark, Message
from streams.stages.marks import causes_of


def mark(listing_id: str, cause: str) -> Message:
    return Message("reblend", listing_id.encode(), Mark(listing_id, cause).to_bytes())


def test_a_listing_marked_several_times_is_there_once_with_its_first_cause():
    marks = [mark("b", "first"), mark("a", "second"), mark("b", "third")]
    assert causes_of(marks) == {"b": "first", "a": "second"}
    assert list(causes_of(marks)) == ["b", "a"]


def test_a_mark_whose_cause_cannot_be_read_is_still_a_mark():
    assert causes_of([Message("reblend", b"a", b"\xff"), Message("reblend", b"b", None)]) == {"a": "", "b": ""}


def test_no_marks_are_nobody():
    assert causes_of([]) == {}
