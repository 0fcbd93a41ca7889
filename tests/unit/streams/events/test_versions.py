"""Which version of a listing counts, whatever the order in which its events arrive and how often."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import Position, Standing, Version


def stated(number, digest="d"):
    return Version(stated=True, number=number, digest=digest)


def unstated(timestamp_ms, digest="d", offset=0):
    return Version(stated=False, number=timestamp_ms, digest=digest, offset=offset)


def withdrawal(number):
    return Version(stated=True, number=number, withdrawn=True)


def at(timestamp_ms, offset=0):
    return Position(timestamp_ms, offset)


def after(*events):
    standing = Standing()
    for version, position in events:
        standing = standing.after(version, position)
    return standing


VERSIONS = st.builds(
    Version,
    stated=st.booleans(),
    number=st.integers(0, 3),
    offset=st.integers(0, 1),
    withdrawn=st.booleans(),
    digest=st.sampled_from(["", "c", "d"]),
)
EVENTS = st.tuples(st.none() | VERSIONS, st.builds(Position, st.integers(0, 4), st.integers(0, 2)))
LOGS = st.lists(EVENTS, min_size=1, max_size=6)


@st.composite
def logs_and_redeliveries(draw):
    """A log of events, and the same events in any order, some of them several times."""
    log = draw(LOGS)
    again = draw(st.lists(st.sampled_from(log), max_size=4))
    return log, draw(st.permutations(log + again))


@given(logs_and_redeliveries())
def test_any_order_and_any_repeats_end_the_same(logs):
    log, redelivered = logs
    assert after(*redelivered) == after(*log)


@given(LOGS, LOGS)
def test_what_was_delivered_already_changes_nothing(log, more):
    standing = after(*log, *more)
    assert after(*log, *more, *log) == standing


@given(LOGS)
def test_what_stands_is_the_newest_version_since_its_first_record_and_the_last_bare_withdrawal(log):
    standing = after(*log)
    newest = max((version for version, _ in log if version is not None), default=None)
    assert standing.version == newest
    if newest is not None:
        assert standing.published == min(position for version, position in log if version == newest)
    assert standing.withdrawn_at == max((position for version, position in log if version is None), default=None)


@given(LOGS)
def test_a_standing_comes_back_from_json(log):
    standing = after(*log)
    assert Standing.from_json(orjson.loads(orjson.dumps(standing.to_json()))) == standing


@given(VERSIONS)
def test_a_version_comes_back_from_json(version):
    assert Version.from_json(orjson.loads(orjson.dumps(version.to_json()))) == version


def test_before_any_event_there_is_no_listing():
    assert not Standing().listed
    assert Standing.from_json(Standing().to_json()) == Standing()


def test_a_stale_version_that_arrives_late_changes_nothing():
    now = after((stated(5), at(10)))
    assert now.after(stated(4), at(20)) == now


def test_a_stale_version_does_not_bring_a_withdrawn_listing_back():
    assert not after((stated(5), at(10)), (None, at(20)), (stated(4), at(30))).listed


def test_a_listing_sent_again_with_a_higher_version_after_its_withdrawal_is_back():
    assert after((stated(5), at(10)), (None, at(20)), (stated(6), at(30))).listed
    assert after((stated(5), at(10)), (withdrawal(5), at(20)), (stated(6), at(30))).listed


def test_a_listing_without_a_version_sent_again_after_its_withdrawal_is_back():
    assert after((unstated(10), at(10)), (None, at(20)), (unstated(30), at(30))).listed


def test_the_same_stated_version_replayed_after_a_bare_withdrawal_stays_withdrawn():
    assert not after((stated(5), at(10)), (None, at(20)), (stated(5), at(10))).listed
    assert not after((stated(5), at(10)), (None, at(20)), (stated(5), at(30))).listed


def test_a_withdrawal_that_arrives_before_the_listing_it_withdraws_still_withdraws_it():
    assert not after((withdrawal(5), at(20)), (stated(5), at(10))).listed
    assert not after((None, at(20)), (stated(5), at(10))).listed


def test_a_bare_withdrawal_does_not_withdraw_what_was_published_after_it():
    assert after((None, at(20)), (stated(5), at(30))).listed
    assert after((stated(5), at(20, offset=8)), (None, at(20, offset=7))).listed


def test_within_one_millisecond_the_offset_decides():
    assert not after((stated(5), at(20, offset=6)), (None, at(20, offset=7))).listed


def test_a_withdrawal_with_a_version_leaves_a_higher_version_alone():
    assert after((stated(5), at(10)), (withdrawal(4), at(20))).listed


def test_a_withdrawal_of_a_version_withdraws_that_version_and_all_below():
    assert not after((stated(5), at(10)), (withdrawal(5), at(20))).listed
    assert not after((stated(5), at(10)), (withdrawal(9), at(20))).listed


def test_one_version_with_two_contents_ends_with_the_same_one_in_either_order():
    one, other = (stated(5, "c"), at(10)), (stated(5, "d"), at(20))
    assert after(one, other).version == after(other, one).version == stated(5, "d")


def test_of_two_records_without_a_version_in_one_millisecond_the_later_one_counts():
    first, second = (unstated(20, "d", offset=6), at(20, 6)), (unstated(20, "c", offset=7), at(20, 7))
    assert after(first, second).version == after(second, first).version == unstated(20, "c", offset=7)


def test_a_stated_version_beats_any_timestamp():
    assert after((unstated(1_700_000_000_000), at(20)), (stated(0), at(10))).version == stated(0)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        (stated(4), stated(5)),
        (unstated(4), unstated(5)),
        (unstated(4, offset=9), unstated(5, offset=8)),
        (unstated(5, "d", offset=8), unstated(5, "c", offset=9)),
        (unstated(2**62), stated(0)),
        (stated(5), withdrawal(5)),
        (withdrawal(5), stated(6)),
        (stated(5, "c"), stated(5, "d")),
    ],
)
def test_the_order_of_versions(older, newer):
    assert older < newer
