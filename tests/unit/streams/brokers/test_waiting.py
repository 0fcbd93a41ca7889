from datetime import timedelta

from streams.brokers.topics import REFETCHES, Topics
from streams.brokers.waiting import doubled
from streams.settings import Settings


def test_delays_double_up_to_a_day():
    assert doubled(60.0, 4) == [60.0, 120.0, 240.0, 480.0]
    assert doubled(50_000.0, 3) == [50_000.0, 86_400.0, 86_400.0]


def test_what_waits_is_kept_longer_than_it_waits():
    refetch = Topics(Settings(_env_file=None)).refetch
    longest = timedelta(seconds=max(doubled(86_400.0, REFETCHES)))
    assert timedelta(milliseconds=int(refetch.configuration["retention.ms"])) > 2 * longest


def test_the_defaults_take_two_days_and_a_half():
    whole = timedelta(seconds=sum(doubled(Settings(_env_file=None).image_refetch_s, REFETCHES)))
    assert timedelta(days=2) < whole < timedelta(days=3)
