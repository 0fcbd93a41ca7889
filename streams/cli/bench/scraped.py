"""What a worker counts of itself, read from its page `/metrics`."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import httpx
from prometheus_client.parser import text_string_to_metric_families

from streams.settings import Settings

_STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Scraped:
    """Some numbers of one worker so far.

    Args:
        processor_s: that it used; None where the system does not tell.
        messages: that each stage has dealt with.
        batch_s: seconds in which each stage had a batch in hand.
    """

    processor_s: float | None = None
    messages: dict[str, float] = field(default_factory=dict)
    batch_s: dict[str, float] = field(default_factory=dict)


async def scrape(settings: Settings) -> Scraped:
    """Ask the worker with these settings."""
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://{settings.health_host}:{settings.health_port}/metrics", timeout=30)
    return read(answer.raise_for_status().text)


def read(text: str) -> Scraped:
    """What of a page is wanted here."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name][sample.labels.get(_STAGE, "")] = sample.value
    return Scraped(
        found["process_cpu_seconds_total"].get(""),
        found["matchstream_stage_events_total"],
        found["matchstream_stage_batch_seconds_sum"],
    )
