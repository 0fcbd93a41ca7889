"""What the embedded index remembers of its points, and that it is never wrong about them."""

import orjson
import pytest

from streams.index.layout import point_id
from streams.index.plan import CreatePoints, RemoveFields, RemoveRows, SetFields
from streams.index.remembered import Remembered, number_of

A, B = point_id("a"), point_id("b")
BOTH = ("modalities_blended", "modalities_raw")


def knowing(**payload) -> Remembered:
    remembered = Remembered()
    remembered.learn({"listing_id": "a", **payload}, number_of(A))
    return remembered


def said(remembered: Remembered, fields=BOTH) -> dict:
    hit = remembered.hit(number_of(A), 0.5, fields)
    assert (hit.listing_id, hit.similarity) == ("a", 0.5)
    return dict(hit.payload)


def follow(remembered: Remembered, *steps) -> Remembered:
    for step in steps:
        with remembered.following(step):
            pass
    return remembered


def test_only_small_fields_that_are_asked_for_are_told():
    remembered = knowing(modalities_raw=["text"], modalities_blended=None, listing={"title": "long"})
    assert said(remembered) == {"modalities_raw": ["text"]}
    assert said(remembered, ("modalities_blended",)) == {}


def test_it_follows_what_is_set_and_removed():
    remembered = follow(knowing(), SetFields(A, {"modalities_raw": ["text"], "listing": {}}))
    assert said(remembered) == {"modalities_raw": ["text"]}
    assert said(follow(remembered, SetFields(A, {"listing": {}}), RemoveRows([A], ["text_raw"]))) == {
        "modalities_raw": ["text"]
    }
    assert said(follow(remembered, SetFields(A, {"modalities_raw": None}))) == {}
    changed = follow(remembered, SetFields(A, {"modalities_raw": []}), RemoveFields([A, B], ["modalities_raw"]))
    assert said(changed) == {}


def test_a_new_point_is_known_and_one_that_was_never_read_is_not():
    remembered = follow(Remembered(), SetFields(B, {"modalities_raw": ["text"]}))
    assert remembered.missing([number_of(B)]) == [number_of(B)]
    follow(remembered, CreatePoints({A: {"listing_id": "a", "modalities_raw": ["image"]}}))
    assert said(remembered) == {"modalities_raw": ["image"]}


def test_what_is_written_may_change_afterwards():
    payload = {"modalities_raw": ["text"]}
    remembered = follow(knowing(), SetFields(A, payload))
    payload["modalities_raw"].append("image")
    assert said(remembered) == {"modalities_raw": ["text"]}


def test_after_a_step_that_failed_nothing_is_remembered():
    remembered = knowing(modalities_raw=["text"])

    def fail() -> None:
        with remembered.following(SetFields(B, {"x": 1})):
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert remembered.missing([number_of(A)]) == [number_of(A)]


def test_points_that_say_the_same_share_it():
    remembered = knowing(modalities_raw=["text"])
    remembered.learn({"listing_id": "b", "modalities_raw": orjson.loads('["text"]')}, number_of(B))
    one, other = (remembered.hit(number_of(point), 0.1, BOTH) for point in (A, B))
    assert one.payload is other.payload
