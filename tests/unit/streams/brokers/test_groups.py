"""Which groups a generation has."""

from streams.brokers.group_keeping import groups_of
from streams.brokers.topics import REFETCH, Aside, StageName, group_of
from streams.settings import Settings


def test_all_that_read_for_a_generation_are_known_and_nobody_else():
    settings = Settings(_env_file=None, topic_prefix="shop.", generation="g2")
    found = groups_of(settings)
    assert {group_of(settings, one) for one in (*StageName, *Aside, REFETCH)} <= set(found)
    assert set(found) - {group_of(settings, one) for one in (*StageName, *Aside, REFETCH)} == {
        "shop.g2.sweep",
        "shop.g2.takeover",
    }
    assert len(set(found)) == len(found)
