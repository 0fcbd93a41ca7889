"""docs/monitoring asks for what workers and the page tell, and leads whoever is alarmed to what to do."""

import asyncio
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import yaml
from fakes.bench import POLICY
from fakes.flow import STAGES, Flow
from fakes.judged_shop import judge_some
from fakes.monitoring import (
    ALERTS,
    DASHBOARD,
    FOLDER,
    PANELS,
    SCRAPES,
    faults,
    labels_of,
    named_by,
    panel_queries,
    samples_of,
)
from fakes.web import Shop

from encoders.bundle import read_bundle
from streams.brokers.topics import StageName, Topics
from streams.health import Watch
from streams.health.figures import Figures
from streams.matching.drift import expected_of
from streams.settings import Settings
from streams.telemetry.metrics import WorkerMetrics
from streams.telemetry.registry import exposed

ROOT = Path(__file__).parents[2]
RUNBOOK = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SETTINGS = Settings(_env_file=None)
PROMTOOL = shutil.which("promtool")
SEVERITIES = {"critical", "warning"}


async def scraped_worker():
    """What a worker tells that has worked off some listings of a shop."""
    watch, metrics = Watch.of(SETTINGS, StageName), WorkerMetrics(list(StageName), "g1")
    metrics.registry.register(Figures(watch))
    names = {topic.name.removeprefix("g1."): stage for stage, topic in Topics(SETTINGS).inputs().items()}

    async def run(messages, dependencies, name, stage):
        await metrics.counted(name, partial(stage, dependencies=dependencies))(messages)

    counted = {topic: partial(run, name=names.get(topic, "embed"), stage=one) for topic, one in STAGES.items()}
    flow = Flow(POLICY, stages=counted)
    values = np.random.default_rng(0).random(2_000)
    metrics.begin(replace(read_bundle("demo"), expected=expected_of({"score": values})), flow.index)
    metrics._drifting._drift.add({"score": values})
    flow.dependencies = replace(flow.dependencies, observer=metrics.observer)
    for n in range(4):
        flow.publish(f"s-{n}", {"listing_id": f"s-{n}", "title": f"red mug {n % 2}"})
    await flow.drain()
    await watch.points.once(lambda: _answer(4))
    return exposed(metrics.registry).decode()


async def _answer(value):
    return value


def scraped_page(folder):
    shop = Shop(folder)
    judge_some(shop)
    shop.client().get("/")
    return shop.client().get("/metrics").text


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    page = scraped_page(tmp_path_factory.mktemp("page"))
    return [*samples_of(asyncio.run(scraped_worker()), "worker"), *samples_of(page, "page")]


@pytest.mark.parametrize(("panel", "query", "legend"), [pytest.param(*one, id=one[0]) for one in panel_queries()])
def test_every_panel_asks_for_what_is_there(panel, query, legend, samples):
    assert faults(query, samples) == [], panel
    assert named_by(legend) <= labels_of(query, samples), panel


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_asks_for_what_is_there(rule, samples):
    assert faults(rule["expr"], samples) == []
    words = " ".join(rule["annotations"].values())
    assert set(re.findall(r"\$labels\.(\w+)", words)) <= labels_of(rule["expr"], samples) | {"stage"}


def test_generations_side_by_side_are_not_mixed(samples):
    of_workers = {one.name for one in samples if "generation" in one.labels}
    shown = [target["expr"] for panel in PANELS for target in panel["targets"]]
    named = [(name, chosen) for one in shown for name, chosen in re.findall(r"(matchstream_\w+)({[^}]*})?", one)]
    assert all(('generation=~"$generation"' in chosen) == (name in of_workers) for name, chosen in named)
    for rule in ALERTS:
        summed = re.findall(r"(?:sum|max|count)( by \([^)]*\))? ?\([^)]*?(matchstream_\w+)", rule["expr"])
        assert all("generation" in by for by, name in summed if name in of_workers), rule["alert"]


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("matchstream_stage_lags", "no series matchstream_stage_lags"),
        ('matchstream_stage_lag{stage="nothing"}', 'no series matchstream_stage_lag{stage="nothing"}'),
        ('matchstream_stage_lag{stage=~"nothing|.*xx"}', "no series"),
        ('matchstream_stage_lag{stage!~".+"}', "no series"),
        ("sum by (stages) (matchstream_stage_lag)", "no label stages to sum by"),
        ("1 + rate(matchstream_dead_letters[5m])", "no series matchstream_dead_letters"),
    ],
)
def test_a_query_for_what_is_not_there_would_be_found(query, fault, samples):
    assert fault in faults(query, samples)[0]


def test_panels_are_whole_and_each_has_a_place_of_its_own():
    ids = Counter(panel["id"] for panel in DASHBOARD["panels"])
    assert set(ids.values()) == {1}
    for panel in PANELS:
        assert panel["title"]
        assert panel["description"].endswith(".")
        assert panel["fieldConfig"]["defaults"]["unit"]
        assert panel["datasource"]["uid"] == "${datasource}"
    places = Counter(
        (x, y)
        for where in (panel["gridPos"] for panel in DASHBOARD["panels"])
        for x in range(where["x"], where["x"] + where["w"])
        for y in range(where["y"], where["y"] + where["h"])
    )
    assert max(places.values()) == 1
    assert max(x for x, _ in places) < 24


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_leads_to_what_to_do(rule):
    told = rule["annotations"]
    assert rule["labels"]["severity"] in SEVERITIES
    assert not told["summary"].endswith(".")
    assert told["description"].endswith(".")
    page, _, anchor = told["runbook"].partition("#")
    assert page == "docs/operations.md"
    headings = [re.sub(r"[^a-z0-9 -]", "", one.lower()) for one in re.findall(r"^#+ (.*)$", RUNBOOK, re.MULTILINE)]
    assert anchor in {one.replace(" ", "-") for one in headings}


def test_every_alert_is_tried_and_every_alert_is_told_once():
    tried = yaml.safe_load((FOLDER / "alerts.test.yml").read_text())["tests"]
    assert [one["name"] for one in tried] == [rule["alert"] for rule in ALERTS]
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


def test_prometheus_finds_what_compose_runs():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    (workers,) = SCRAPES["worker"]["dns_sd_configs"]
    assert set(workers["names"]) == {name for name, one in services.items() if "worker" in one.get("command", [])}
    for name in workers["names"]:
        environment = services[name]["environment"]
        assert environment["MATCHSTREAM_HEALTH_PORT"] == str(workers["port"])
        assert environment["MATCHSTREAM_HEALTH_HOST"] == "0.0.0.0"  # noqa: S104 - inside a network of containers
        assert "ports" not in services[name]
    (page,) = SCRAPES["page"]["static_configs"]
    assert page["targets"] == ["web:8000"]
    assert "web" in services["web"]["environment"]["MATCHSTREAM_WEB_ALLOWED_HOSTS"].split(",")


def test_grafana_shows_what_is_provisioned_where_compose_puts_it():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    mounts = dict(one.split(":")[:2] for one in services["grafana"]["volumes"])
    folder = FOLDER / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((folder / "dashboards" / "matchstream.yml").read_text())["providers"]
    assert source["url"] == "http://prometheus:9090"
    assert DASHBOARD["templating"]["list"][0]["current"]["value"] == source["uid"]
    assert provider["options"]["path"] == mounts["./docs/monitoring/grafana/dashboards"]
    assert mounts["./docs/monitoring/grafana/provisioning"] == "/etc/grafana/provisioning"


@pytest.mark.slow
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed: package 'prometheus' of Debian")
@pytest.mark.parametrize("arguments", [["check", "config", "prometheus.yml"], ["test", "rules", "alerts.test.yml"]])
def test_prometheus_itself_finds_no_fault(arguments):
    done = subprocess.run(
        [PROMTOOL, *arguments], cwd=FOLDER, check=False, capture_output=True, text=True, timeout=120, env=os.environ
    )
    assert done.returncode == 0, done.stdout + done.stderr
