from streams.brokers.admin import Outcome, _compare
from streams.brokers.topics import Topics
from streams.settings import Settings

LISTINGS = Topics(Settings(_env_file=None, partitions=8)).listings


def test_a_topic_as_declared_was_there():
    outcome = _compare(LISTINGS, 8, {**LISTINGS.configuration, "segment.bytes": "1"})

    assert outcome.outcome is Outcome.PRESENT
    assert outcome.differences == ()


def test_each_difference_is_said_with_both_values():
    outcome = _compare(LISTINGS, 3, {**LISTINGS.configuration, "cleanup.policy": "delete"})

    assert outcome.outcome is Outcome.DIFFERS
    assert outcome.differences == ("3 partitions, 8 declared", "cleanup.policy=delete, compact declared")


def test_a_broker_that_keeps_no_configuration_does_not_differ_in_it():
    assert _compare(LISTINGS, 8, {}).outcome is Outcome.PRESENT
