import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.metrics import clopper_pearson, pairs_needed
from streams.matching.auditing import audited, by_lot, clusters_of, enough_unjudged, lot
from streams.web.review.precision import Matches, precision_of, share_of

PAIRS = by_lot((f"a{number:04}", f"b{number:04}") for number in range(1000))


def matches(right, wrong, *, alone=1000, unsure=0, promoted=0):
    """The first matches by lot are judged: some same, some different, some left open."""
    judged = right + wrong + unsure
    return Matches(
        ordered=PAIRS[:alone],
        same={*PAIRS[:right]},
        different={*PAIRS[right : right + wrong]},
        unsure={*PAIRS[right + wrong : judged]},
        alone=alone,
        wrong=wrong,
        unseen=alone - right - wrong,
        told=alone - wrong + promoted,
    )


def test_a_lot_knows_the_pair_and_nothing_else():
    assert lot("a", "b") == lot("b", "a")
    assert lot("ab", "c") != lot("a", "bc")
    lots = [lot(*pair) for pair in PAIRS]
    assert lots == sorted(lots)
    assert 0 <= lots[0] < lots[-1] < 1
    assert sum(lots) / len(lots) == pytest.approx(0.5, abs=0.05)  # five deviations of the mean of as many even draws


def test_the_audit_is_what_was_judged_in_its_order_and_goes_over_gaps():
    assert audited(PAIRS, {}) == []
    assert audited(PAIRS, {*PAIRS[:50]}) == PAIRS[:50]
    gaps = {*PAIRS[1:50]} - {PAIRS[20]}
    assert audited(PAIRS, gaps) == [pair for pair in PAIRS[1:50] if pair != PAIRS[20]]


def test_what_was_judged_for_another_reason_is_not_of_the_audit():
    assert audited(PAIRS, {*PAIRS[:50], *PAIRS[300:320], PAIRS[999]}) == PAIRS[:50]
    assert audited(PAIRS, {*PAIRS[300:320]}) == []


@given(st.lists(st.booleans(), max_size=60))
def test_the_first_unjudged_say_where_the_audit_ends(flags):
    ordered = PAIRS[: len(flags)]
    judged = {pair for pair, flag in zip(ordered, flags, strict=True) if flag}
    first = {*[pair for pair in ordered if pair not in judged][: enough_unjudged(len(judged))]}
    assert audited([pair for pair in ordered if pair in judged | first], judged) == audited(ordered, judged)


def test_pairs_that_listings_connect_are_one_witness():
    pairs = [("a", "b"), ("c", "d"), ("b", "e"), ("x", "y"), ("e", "f")]
    assert clusters_of(pairs) == [0, 1, 0, 2, 0]


def test_precision_of_the_model_and_after_judgements_by_hand():
    found = precision_of(matches(190, 10), 0.9)
    assert (found.before.right, found.before.total, found.before.share) == (190, 200, 0.95)
    # exact bounds of 190 of 200, as tables and statsmodels' proportion_confint(method="beta") have them
    assert (found.before.low, found.before.high) == pytest.approx((0.9100, 0.9758), abs=1e-4)
    assert found.at_least == pytest.approx(clopper_pearson(190, 200)[0])
    # of 1000 matches 50 are wrong; 10 of these are found and gone: 40 of 990
    assert found.after.share == pytest.approx(1 - 40 / 990)
    assert found.missing == 0


def test_missing_labels_are_those_that_lift_the_bound_to_the_target():
    found = precision_of(matches(100, 1), 0.98)
    again = pairs_needed(0.98, 100 / 101)
    assert found.missing == again - 101
    assert clopper_pearson(100 / 101 * again, again)[0] >= 0.98
    assert precision_of(matches(0, 0), 0.99).missing == pairs_needed(0.99)
    assert precision_of(matches(90, 10), 0.95).missing is None


def test_without_an_audit_nothing_is_claimed():
    found = precision_of(matches(0, 0), 0.99)
    assert (found.before, found.after, found.at_least) == (None, None, 0)


def test_where_all_is_judged_what_is_told_is_right_whatever_chance_allows():
    found = precision_of(matches(80, 20, alone=100, promoted=5), 0.9)
    assert (found.after.share, found.after.low, found.after.high) == (1, 1, 1)


def test_what_was_left_open_counts_as_looked_at_and_is_not_counted():
    found = precision_of(matches(50, 0, unsure=10), 0.9)
    assert (found.before.total, found.unsure) == (50, 10)


def test_pairs_that_are_wrong_together_are_no_many_witnesses():
    stars = by_lot((f"a{star:02}", f"b{star:02}-{number}") for star in range(20) for number in range(10))
    wrong = {pair for pair in stars if pair[0] == "a07"}
    found = precision_of(Matches(stars, {*stars} - wrong, wrong, (), 200, 10, 0, 190), 0.9)
    assert found.before.share == 0.95
    # one star in twenty, not ten pairs in two hundred
    assert found.at_least == pytest.approx(clopper_pearson(19, 20)[0], abs=0.02)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20), st.integers(0, 20))
def test_bounds_are_shares_in_order_and_more_of_the_same_narrows_them(right, wrong, unsure, promoted):
    found = precision_of(matches(right, wrong, unsure=unsure, promoted=promoted), 0.9)
    assert 0 <= found.at_least <= 1
    if right + wrong:
        for one in (found.before, found.after):
            assert 0 <= one.low <= one.share <= one.high <= 1
        more = precision_of(matches(3 * right, 3 * wrong), 0.9).before
        assert more.low >= found.before.low
        assert more.high <= found.before.high
        assert found.after.share >= found.before.share - 1e-9
    else:
        assert found.before is None


def test_a_share_of_none_is_none():
    assert share_of(0, 0) is None
    assert (share_of(3, 3).low, share_of(3, 3).high) == pytest.approx((0.2924, 1), abs=1e-4)
