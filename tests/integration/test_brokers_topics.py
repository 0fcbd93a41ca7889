import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from streams.brokers.admin import Outcome, create_topics
from streams.brokers.lag import LagReader
from streams.brokers.producer import Publisher
from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.errors import BrokerError, TopicMissingError


async def publish_one(settings):
    async with Publisher(settings) as publisher:
        await publisher.send(Topics(settings).listings.name, b"a", b"1")


async def read_one(settings):
    await anext(read_records(settings, Topics(settings).listings.name))


async def ask_lag(settings):
    async with LagReader(settings):
        pass


async def names_of(settings):
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.brokers)
    await admin.start()
    try:
        return await admin.list_topics()
    finally:
        await admin.close()


async def test_topics_are_created_once(broker_settings):
    first = await create_topics(broker_settings)
    second = await create_topics(broker_settings)

    assert [one.topic for one in first] == list(Topics(broker_settings).declared())
    assert {one.outcome for one in _divisible(first, broker_settings)} == {Outcome.CREATED}
    assert {one.outcome for one in _divisible(second, broker_settings)} == {Outcome.PRESENT}


def _divisible(outcomes, settings):
    """All topics, but for those of a number of their own where a broker gives every topic as many."""
    return [one for one in outcomes if not settings.broker_embedded or one.topic.partitions == settings.partitions]


async def test_a_difference_is_said_and_left(broker_settings):
    await create_topics(broker_settings)
    wanted = broker_settings.model_copy(update={"partitions": 6})

    for _ in range(2):
        outcomes = await create_topics(wanted)
        divided = [one for one in outcomes if one.topic.partitions == 6]
        assert {one.outcome for one in divided} == {Outcome.DIFFERS}
        assert all("4 partitions, 6 declared" in one.differences for one in divided)


@pytest.mark.kafka
async def test_a_topic_somebody_else_made_is_left_as_it_is_and_described(kafka_settings):
    listings = Topics(kafka_settings).listings
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_settings.brokers)
    await admin.start()
    await admin.create_topics([NewTopic(listings.name, 4, 1, topic_configs={"cleanup.policy": "delete"})])
    await admin.close()

    outcomes = {one.topic.name: one for one in await create_topics(kafka_settings)}

    assert "cleanup.policy=delete, compact declared" in outcomes[listings.name].differences
    assert [one.outcome for name, one in outcomes.items() if name != listings.name] == [Outcome.CREATED] * (
        len(outcomes) - 1
    )


@pytest.mark.kafka
async def test_what_the_brokers_refuse_is_said_in_their_words(kafka_settings):
    with pytest.raises(BrokerError, match=r"InvalidReplicationFactorError.*MATCHSTREAM_REPLICATION"):
        await create_topics(kafka_settings.model_copy(update={"replication": 2}))


@pytest.mark.parametrize("call", [publish_one, read_one, ask_lag])
async def test_a_missing_topic_is_named_and_not_made_by_asking(broker_settings, call):
    with pytest.raises(TopicMissingError, match="matchstream topics create"):
        await call(broker_settings)
    assert not [name for name in await names_of(broker_settings) if name.startswith(broker_settings.topic_prefix)]
