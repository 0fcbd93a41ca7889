"""Figures of a generation that is being filled, and which one that is."""

import pytest

from streams.events.generations import Generation, Live, Roster, Source
from streams.reindex.progress import Look, Reading, being_filled, copies, rate, time_left_s


def generation(name, begun_at="2026-01-01", **more):
    return Generation(name=name, bundle="demo", digest="d", begun_at=begun_at, **more)


def at(at_s, done, total=100, readings=()):
    return Look(at_s, "listings", done, total, tuple(readings))


def roster(*some, **live):
    return Roster({one.name: one for one in some}, Live(**live) if live else None)


def test_rate_and_time_left_are_of_two_looks():
    first, last = at(10.0, 20), at(14.0, 40)
    assert rate(first, last) == pytest.approx(5.0)
    assert time_left_s(last, rate(first, last)) == pytest.approx(12.0)


def test_what_does_not_get_on_is_never_done_and_what_is_done_needs_no_time():
    assert time_left_s(at(0, 40), 0.0) is None
    assert time_left_s(at(0, 40), -1.0) is None
    assert time_left_s(at(0, 100), 0.0) == 0.0


def test_shares_are_of_what_there_is():
    assert at(0, 25).share == 0.25
    assert at(0, 0, total=0).share == 1.0


def test_who_has_no_worker_is_idle():
    look = at(0, 0, readings=[Reading("embed", "listings", 3, 0), Reading("index", "g2.embeddings", 4, 2)])
    assert look.idle == ("embed",)
    assert look.behind == 7


def test_the_one_being_filled_is_the_newest_that_nobody_hears():
    old, live, newer, newest = (generation(name, f"2026-01-0{day}") for day, name in enumerate(("p", "l", "a", "b"), 1))
    assert being_filled(roster(newest, newer, live, old, generation="l", previous="p")) == newest
    assert being_filled(roster(live, old, generation="l", previous="p")) is None
    assert being_filled(roster()) is None


def test_embeddings_are_copied_while_somebody_else_is_live_and_their_origin_is_kept():
    copying = generation("g2", source=Source.EMBEDDINGS, origin="g1")
    assert copies(roster(copying, generation("g1"), generation="g1"), copying)
    assert not copies(roster(copying, generation("g1"), generation="g2"), copying)
    assert not copies(roster(copying, generation("g3"), generation="g3"), copying)
    assert not copies(roster(generation("g1"), generation="g1"), generation("g4"))
