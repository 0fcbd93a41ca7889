"""Settings of a generation: which may differ, and that they are checked before anything is begun."""

import pytest
from pydantic import SecretStr

from streams.errors import SettingsError
from streams.events.generations import Generation
from streams.reindex.shaping import SHAPING, overrides_of, settings_of
from streams.settings import Settings, is_secret

HERE = Settings(_env_file=None, brokers="kafka:1", kafka_password=SecretStr("hush"), search_limit=99)


def generation(**settings):
    return Generation(name="g2", bundle="other", digest="d", settings=settings)


def test_only_what_shapes_a_generation_may_differ():
    assert {"search_limit", "product_limit", "image_max_pixels", "qdrant_shards", "qdrant_on_disk"} <= set(SHAPING)
    assert not {"brokers", "topic_prefix", "partitions", "generation", "bundle", "index", "qdrant_url"} & set(SHAPING)
    assert not [name for name in SHAPING if is_secret(name)]


def test_names_may_be_written_as_in_the_environment():
    told = ["search_limit=64", "MATCHSTREAM_PRODUCT_LIMIT = 7"]
    assert overrides_of(told, HERE) == {"search_limit": "64", "product_limit": "7"}


@pytest.mark.parametrize("text", ["brokers=elsewhere", "search_limit", "=5", "", "partitions=4", "kafka_password=x"])
def test_others_are_refused_with_those_that_may(text):
    with pytest.raises(SettingsError, match=r"search_limit.*environment"):
        overrides_of([text], HERE)


@pytest.mark.parametrize("text", ["search_limit=many", "search_limit=0", "qdrant_on_disk=perhaps"])
def test_a_value_that_can_not_be_is_refused_at_once(text):
    with pytest.raises(SettingsError, match=text):
        overrides_of([text], HERE)


def test_a_worker_gets_them_as_what_they_are_and_keeps_its_own():
    there = settings_of(HERE, generation(search_limit="64", qdrant_on_disk="true"))
    assert (there.generation, there.bundle, there.search_limit, there.qdrant_on_disk) == ("g2", "other", 64, True)
    assert (there.brokers, there.kafka_password) == (HERE.brokers, HERE.kafka_password)
    assert HERE.search_limit == 99


@pytest.mark.parametrize("told", [{"search_limit": "0"}, {"no_longer_a_limit": "1"}, {"brokers": "elsewhere"}])
def test_one_that_fits_no_more_says_whose_it_is(told):
    with pytest.raises(SettingsError, match=r"generation 'g2'.*reindex drop g2"):
        settings_of(HERE, generation(**told))
