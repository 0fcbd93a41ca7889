"""The sweep's bookmark: kept by the broker, whoever writes it, one for each generation."""

import pytest

from streams.brokers.admin import create_topics
from streams.brokers.commits import KafkaBookmark, sweep_place
from streams.brokers.lag import stage_lags

PLACE = "80000000-0000-5000-8000-000000000000"


@pytest.mark.kafka
async def test_another_worker_finds_the_bookmark_where_it_was_left(kafka_settings):
    await create_topics(kafka_settings)
    async with KafkaBookmark(kafka_settings) as bookmark:
        assert await bookmark.read() is None
        await bookmark.write(PLACE)
        assert await bookmark.read() == PLACE
    async with KafkaBookmark(kafka_settings) as another:
        assert await another.read() == await sweep_place(kafka_settings) == PLACE
        await another.write(None)
        assert await another.read() is None


@pytest.mark.kafka
async def test_the_bookmark_is_of_one_generation_and_no_stage_is_behind_by_it(kafka_settings):
    other = kafka_settings.model_copy(update={"generation": "other"})
    for settings in (kafka_settings, other):
        await create_topics(settings)
    async with KafkaBookmark(kafka_settings) as bookmark:
        await bookmark.write(PLACE)
    assert await sweep_place(other) is None
    assert [one.lag for one in await stage_lags(kafka_settings)] == [0] * 6
