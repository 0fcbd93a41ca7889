import numpy as np

from streams.learning.positives import Click, ClickLog


def test_a_session_of_more_clicks_than_a_person_makes_is_left_out_and_counted(choose):
    clicks = "robot 0 a b c \n robot 1 d \n s1 0 a b c"
    log = ClickLog.of([Click("robot", str(n), "a") for n in range(4)] + [Click("s", "0", "b")], ("a", "b"), 3)
    assert (log.sessions, log.robots, len(log)) == (2, 1, 1)
    assert log.popularity.tolist() == [0, 1]
    assert set(choose(clicks, most=3).pairs.values()) == {(1, 1, 1.0)}
    assert set(choose(clicks, most=4).pairs.values()) == {(1, 2, 2.0)}


def test_clicks_on_other_listings_are_counted_and_make_a_robot_too():
    clicks = [Click("s", "q", one) for one in ("a", "n1", "n2", "n2")]
    log = ClickLog.of(clicks, ("a",), 3)
    assert (len(log), log.unknown, log.robots) == (1, 2, 0)
    assert ClickLog.of(clicks, ("a",), 2).robots == 1


def test_a_click_that_is_told_twice_is_one():
    log = ClickLog.of([Click("s", "q", "a")] * 5, ("a",), 1)
    assert (len(log), log.robots) == (1, 0)


def test_it_is_sorted_by_session_query_and_listing():
    clicks = [Click(s, q, i) for i in "ba" for s in "12" for q in "xy"]
    log = ClickLog.of(clicks, ("a", "b"), 9)
    rows = np.stack([log.session, log.query, log.listing], axis=1).tolist()
    assert rows == sorted(rows)
    assert len(rows) == 8
    assert log.popularity.tolist() == [4, 4]
