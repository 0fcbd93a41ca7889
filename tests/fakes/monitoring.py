"""docs/monitoring as tests read it: the queries of panels and alerts, and what of a scrape they ask for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import promql_parser
import yaml
from prometheus_client.parser import text_string_to_metric_families

FOLDER = Path(__file__).parents[2] / "docs" / "monitoring"
DASHBOARD = json.loads((FOLDER / "grafana" / "dashboards" / "matchstream.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
GROUPS = yaml.safe_load((FOLDER / "alerts.yml").read_text())["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"]]
SCRAPES = {one["job_name"]: one for one in yaml.safe_load((FOLDER / "prometheus.yml").read_text())["scrape_configs"]}

_OF_PROMETHEUS = ("ALERTS", "up")
_TARGET = ("instance", "job", "service")
"""Labels that every sample is given when it is scraped."""


@dataclass(frozen=True)
class Sample:
    """One line of a scrape, as Prometheus stores it."""

    name: str
    labels: Mapping[str, str]


def samples_of(text: str, job: str) -> list[Sample]:
    """What a scrape of that job says; and that there was one."""
    target = {"job": job, "instance": "here:1", "service": job}
    found = [one for family in text_string_to_metric_families(text) for one in family.samples]
    return [Sample("up", target), *(Sample(one.name, {**one.labels, **target}) for one in found)]


def query(expression: str, range_: str = "5m") -> str:
    """As Prometheus is asked: what Grafana puts in is put in."""
    return expression.replace("$__rate_interval", range_).replace("$generation", ".+")


def panel_queries() -> Iterator[tuple[str, str, str]]:
    """Panel, query, and how its series are named."""
    for panel in PANELS:
        for target in panel["targets"]:
            yield panel["title"], query(target["expr"]), target["legendFormat"]


def _within(expression: object) -> Iterator[promql_parser.Expr]:
    yield expression
    for name in dir(expression):
        value = None if name.startswith("_") else getattr(expression, name)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, promql_parser.Expr):
                yield from _within(one)


def _fits(sample: Sample, selector: promql_parser.VectorSelector) -> bool:
    def holds(matcher: promql_parser.Matcher) -> bool:
        value = sample.labels.get(matcher.name, "")
        wanted, kind = matcher.value, str(matcher.op)
        if "Re" in kind:
            return bool(re.fullmatch(wanted, value)) is ("Not" not in kind)
        return (value == wanted) is ("Not" not in kind)

    return sample.name == selector.name and all(holds(one) for one in selector.matchers.matchers)


def faults(expression: str, samples: Sequence[Sample]) -> list[str]:
    """What the query asks for that no scrape has: series, or labels to sum by.

    Raises:
        ValueError: it is no query.
    """
    found = []
    for part in _within(promql_parser.parse(expression)):
        selectors = [one for one in _within(part) if isinstance(one, promql_parser.VectorSelector)]
        fitting = [one for some in selectors for one in samples if _fits(one, some)]
        if isinstance(part, promql_parser.VectorSelector) and part.name not in _OF_PROMETHEUS and not fitting:
            found.append(f"no series {part.prettify()}")
        if isinstance(part, promql_parser.AggregateExpr) and part.modifier is not None and part.modifier.labels:
            found += [
                f"no label {label} to sum by in {part.prettify()}"
                for label in part.modifier.labels
                if fitting and not all(label in one.labels for one in fitting)
            ]
    return found


def named_by(legend: str) -> set[str]:
    """The labels that name the series of a panel."""
    return set(re.findall(r"{{(\w+)}}", legend))


def labels_of(expression: str, samples: Sequence[Sample]) -> set[str]:
    """Labels that the answers to a query may have."""
    parts = list(_within(promql_parser.parse(expression)))
    summed = [one for one in parts if isinstance(one, promql_parser.AggregateExpr)]
    if summed:
        return {label for one in summed if one.modifier is not None for label in one.modifier.labels}
    selectors = [one for one in parts if isinstance(one, promql_parser.VectorSelector)]
    return {label for some in selectors for one in samples if _fits(one, some) for label in one.labels}
