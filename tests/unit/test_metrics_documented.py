"""docs/operations.md lists every metric of a worker and of the page, with its kind and its labels, and no other."""

import re
from pathlib import Path

from fakes.web import Shop
from prometheus_client.parser import text_string_to_metric_families

from encoders.bundle import read_bundle
from streams.brokers.topics import StageName
from streams.health import Figures, Watch
from streams.matching.drift import ENOUGH, WINDOW
from streams.settings import Settings
from streams.telemetry.metrics import WorkerMetrics
from streams.telemetry.registry import exposed

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(matchstream_\w+)` \| (\w+) \|(.*?)\| (.+) \|$", re.MULTILINE)
OF_A_BUCKET = {"le"}


def documented(heading):
    """Name to kind and labels, of one table."""
    [section] = re.findall(rf"^### {heading}\n(.*?)(?=^#)", OPERATIONS, re.MULTILINE | re.DOTALL)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels, _ in ROW.findall(section)}


def told(text, everywhere=frozenset()):
    """The same of what is scraped, but for labels of all; what the client library brings is left out."""
    found = {}
    for family in text_string_to_metric_families(text):
        if family.name.startswith("matchstream_"):
            name = family.name + "_total" * (family.type == "counter")
            labels = {label for sample in family.samples for label in sample.labels} - OF_A_BUCKET - everywhere
            assert all(everywhere <= sample.labels.keys() for sample in family.samples)
            found[name] = family.type, labels
            assert len(family.documentation) > 5
    return found


class Anything:
    """An index that was asked."""

    round_trips = 3

    async def count(self):
        return 7


async def test_every_metric_of_a_worker_is_in_the_table_and_no_other():
    metrics, watch = WorkerMetrics(list(StageName), "g1"), Watch.of(Settings(_env_file=None), list(StageName))
    metrics.registry.register(Figures(watch))
    metrics.begin(read_bundle("demo"), Anything())
    await watch.count_points(Anything())
    found = told(exposed(metrics.registry).decode(), {"generation"})
    for drift in ("matchstream_similarity_drift", "matchstream_similarity_drift_listings"):
        found[drift] = "gauge", {"of"}  # of a bundle that expects something, see tests/unit/streams/telemetry
    assert found == documented("Metrics of a worker")


def test_every_metric_of_the_page_is_in_the_table_and_no_other(tmp_path):
    client = Shop(tmp_path).client()
    client.get("/")
    found = told(client.get("/metrics").text)
    found["matchstream_precision"] = "gauge", {"of"}  # where there was an audit
    assert found == documented("Metrics of the page")


def test_numbers_in_the_text_are_those_of_the_code():
    [(window, enough)] = re.findall(r"(?s)The last ([\d,]+) listings or so count, and fewer\sthan ([\d,]+)", OPERATIONS)
    assert (f"{WINDOW:,}", f"{ENOUGH:,}") == (window, enough)
