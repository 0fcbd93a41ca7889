import pytest

from streams.brokers.topics import REFETCH, REFETCHES, StageName, Topics, group_of
from streams.settings import Settings


def settings(**values):
    return Settings(_env_file=None, **values)


def test_public_topics_are_shared_by_generations_and_internal_ones_are_not():
    first, second = (Topics(settings(generation=name, topic_prefix="shop.")) for name in ("g1", "g2"))

    assert first.listings == second.listings
    assert first.matches.name == second.matches.name == "shop.matches"
    assert first.dead_letters.name == second.dead_letters.name == "shop.listings.dead-letters"
    assert first.embeddings.name == "shop.g1.embeddings"
    assert second.embeddings.name == "shop.g2.embeddings"


def test_inputs_follow_the_flow():
    inputs = Topics(settings()).inputs()

    assert list(inputs) == ["embed", "index", "blend", "match", "judge", "group"]
    names = ["listings", "g1.embeddings", "g1.reblend", "g1.rematch", "judgements", "g1.regroup"]
    assert [topic.name for topic in inputs.values()] == names


def test_every_topic_is_declared_once_and_says_what_it_carries():
    declared = Topics(settings(partitions=7)).declared()

    assert len({topic.name for topic in declared}) == len(declared) == 15
    own = {"g1.regroup": 1, "g1.refetch": REFETCHES, "generations": 1}
    assert all(topic.partitions == own.get(topic.name, 7) and topic.carries for topic in declared)


def test_what_is_state_is_compacted_and_what_is_a_mark_expires():
    topics = Topics(settings())

    policies = {topic.name: topic.configuration["cleanup.policy"] for topic in topics.declared()}
    assert policies == {
        "listings": "compact",
        "g1.refetch": "delete",
        "g1.embeddings": "compact",
        "g1.reblend": "delete",
        "g1.rematch": "delete",
        "judgements": "compact",
        "votes": "compact",
        "matches": "compact",
        "g1.regroup": "delete",
        "products": "compact",
        "listings.dead-letters": "delete",
        "g1.matches": "compact",
        "g1.products": "compact",
        "g1.dead-letters": "delete",
        "generations": "compact",
    }
    assert topics.reblend.configuration["retention.ms"] == str(7 * 24 * 3600 * 1000)
    assert topics.dead_letters.configuration["retention.ms"] == str(30 * 24 * 3600 * 1000)
    assert all(topic.compacted == (policies[topic.name] == "compact") for topic in topics.declared())


@pytest.mark.parametrize(("replication", "in_sync"), [(1, None), (2, None), (3, "2"), (5, "2")])
def test_one_broker_of_three_may_be_down(replication, in_sync):
    assert Topics(settings(replication=replication)).listings.configuration.get("min.insync.replicas") == in_sync


def test_each_stage_has_a_group_of_its_own():
    mine = settings(generation="g2", topic_prefix="shop.")

    assert [group_of(mine, stage) for stage in StageName] == [
        "shop.g2.embed",
        "shop.g2.index",
        "shop.g2.blend",
        "shop.g2.match",
        "shop.g2.judge",
        "shop.g2.group",
    ]
    assert group_of(mine, REFETCH) == "shop.g2.refetch"


def test_a_group_of_no_stage_is_refused():
    with pytest.raises(ValueError, match="polish"):
        group_of(settings(), "polish")


def test_what_belongs_to_one_generation_is_named_after_it():
    mine = Topics(settings(generation="g2", topic_prefix="shop."))

    public = {"listings", "judgements", "votes", "matches", "products", "listings.dead-letters", "generations"}
    assert {topic.name for topic in mine.declared()} - {topic.name for topic in mine.internal()} == {
        f"shop.{name}" for name in public
    }
    assert all(topic.name.startswith("shop.g2.") for topic in mine.internal())


def test_what_is_followed_has_groups_of_the_generation():
    mine = settings(generation="g2")

    assert {group_of(mine, aside): topic.name for aside, topic in Topics(mine).followed().items()} == {
        "g2.follow-matches": "matches",
        "g2.follow-products": "products",
    }
