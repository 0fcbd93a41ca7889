"""What is made of measurements: shares of a listing, costs of a stage, goals."""

from types import SimpleNamespace

import pytest
import typer

from streams.brokers.topics import StageName
from streams.cli.bench import scale_runs
from streams.cli.bench.alone import Encoded
from streams.cli.bench.latency import Latencies
from streams.cli.bench.load import Load
from streams.cli.bench.runs import Stretch
from streams.cli.bench.scale import _numbers, report_of
from streams.cli.bench.scale_runs import Cost, Scale, cost_of
from streams.cli.bench.scraped import read
from streams.cli.bench.traffic import Left, Stored, Traffic
from streams.settings import Settings

PAGE = """\
# TYPE process_cpu_seconds_total counter
process_cpu_seconds_total {cpu}
# TYPE matchstream_stage_events counter
matchstream_stage_events_total{{stage="blend"}} {events}
matchstream_stage_events_total{{stage="match"}} 7
# TYPE matchstream_stage_batch_seconds histogram
matchstream_stage_batch_seconds_bucket{{le="+Inf",stage="blend"}} 3
matchstream_stage_batch_seconds_count{{stage="blend"}} 3
matchstream_stage_batch_seconds_sum{{stage="blend"}} {seconds}
"""


def test_what_a_stage_cost_between_two_looks():
    before = read(PAGE.format(cpu=5.0, events=100, seconds=2.0))
    after = read(PAGE.format(cpu=6.5, events=400, seconds=5.0))
    assert after.messages == {"blend": 400, "match": 7}
    assert cost_of(StageName.BLEND, before, after) == Cost(400, pytest.approx(5.0), pytest.approx(10.0))
    assert cost_of(StageName.BLEND, read(""), read("")) == Cost(0, None, 0)


def test_what_is_left_of_each_listing_and_of_each_price():
    first = {"listings": Traffic(10, 1000), "regroup": Traffic(25, 500)}
    later = {"listings": Traffic(20, 2100), "regroup": Traffic(30, 600)}
    left = Left(first, later, Stored(points=10, dense=400, sparse=50, payload=20))
    assert left.of_a_listing() == {
        "listings": {"records": 1, "bytes": 100},
        "regroup": {"records": 2.5, "bytes": 50},
    }
    assert left.of_a_price()["regroup"] == {"records": 0.5, "bytes": 10}
    assert left.stored.of_a_listing() == {"dense": 40, "sparse": 5, "payload": 2}


def test_quantiles_of_latencies():
    late = Latencies(10, [number / 100 for number in range(101)], 0, 8).quantiles()
    assert late == {"p50": 0.5, "p95": 0.95, "p99": 0.99, "most": 1.0}
    assert Latencies(10, [], 5, 8).quantiles() == {}


def test_processors_whose_use_is_not_known_are_left_out():
    stretch = Stretch(100, 4.0, 2.0, None, 0.5)
    assert stretch.per_s == 25
    assert stretch.processor_ms() == {"worker": 20, "command": 5}


def test_workers_and_bare_encoders_leave_the_same_listings_out(monkeypatch):
    given = []

    class Alone:
        def __init__(self, _settings, listings, _images, processes):
            given.append((len(listings), processes))

        __enter__ = lambda self: self  # noqa: E731
        __exit__ = lambda *_: None  # noqa: E731
        measure = lambda _: Encoded(1, 1, 1)  # noqa: E731

    monkeypatch.setattr(scale_runs, "EncodersAlone", Alone)
    line = SimpleNamespace(event=SimpleNamespace(listing=object()))
    scale = Scale(Settings(_env_file=None, batch_size=10), Load([line] * 100, None, ""), 4)
    for processes in (1, 4):
        scale.alone(processes)
    assert given == [(90, 1), (75, 4)], "a batch each, but a quarter at most"


def test_speed_up_is_told_beside_that_of_bare_encoders():
    per_s = {
        "encoders alone, 1": [100, 100],
        "encoders alone, 2": [150, 150],
        "workers, 1": [80, 90],
        "workers, 2": [112, 126],
    }
    options = {"workers": [1, 2], "index": "embedded", "bundle": "demo"}
    report = report_of(options, 10, per_s, {StageName.GROUP: Cost(25, None, 3.0)})
    (goal,) = report.goals
    assert goal.reached
    assert goal.got == "1.40 times one beside 1.50"
    assert report.tables[0].rows[1][3:] == ["119.0 (112.0 to 126.0)", "1.40 (1.40 to 1.40)"]
    assert report.tables[1].rows == [["group", "2.50", "not known", "3.00"]]
    (slower,) = report_of(options, 10, {**per_s, "workers, 2": [100, 100]}, {}).goals
    assert not slower.reached


def test_numbers_of_workers():
    assert _numbers("4, 1,2") == [1, 2, 4]
    for wrong in ("2,4", "1,0", "1,two", ""):
        with pytest.raises(typer.BadParameter):
            _numbers(wrong)
