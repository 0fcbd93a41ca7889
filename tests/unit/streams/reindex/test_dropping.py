"""Which generations may be dropped, as far as the roster knows."""

import pytest

from streams.errors import GenerationInUseError, UnknownGenerationError
from streams.events.generations import Generation, Live, Roster, Step
from streams.reindex.dropping import check_unneeded


def roster(live, **origins):
    some = {name: Generation(name=name, bundle="demo", digest="d", origin=origin) for name, origin in origins.items()}
    return Roster(some, live)


SETTLED = Live(generation="g2", previous="g1")


@pytest.mark.parametrize(
    ("live", "name", "told"),
    [
        (SETTLED, "g2", "the live one"),
        (Live(generation="", coming="g2", previous="g1", step=Step.WITHDRAWING), "g2", "not finished"),
        (Live(generation="", coming="g2", previous="g1", step=Step.WITHDRAWING), "g1", "not finished"),
        (Live(generation="g2", previous="g1", step=Step.TAKING_OVER), "g1", "not finished"),
        (SETTLED, "g3", "'g4' is filled from"),
    ],
)
def test_one_that_somebody_needs_stays(live, name, told):
    with pytest.raises(GenerationInUseError, match=told):
        check_unneeded(roster(live, g1="", g2="g1", g3="", g4="g3"), name)


def test_the_previous_one_and_one_beside_may_go_also_if_the_live_one_came_from_them():
    known = roster(SETTLED, g1="", g2="g1", g3="")
    check_unneeded(known, "g1")
    check_unneeded(known, "g3")


def test_where_nobody_knows_who_is_live_nothing_goes():
    with pytest.raises(UnknownGenerationError, match="matchstream worker"):
        check_unneeded(roster(None, g1=""), "g1")
