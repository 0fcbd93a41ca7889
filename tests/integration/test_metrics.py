"""What a real worker counts, on a real Kafka, of listings that are new, then of new prices, then of none at all."""

import sys
from contextlib import asynccontextmanager
from pathlib import Path

import orjson
import pytest
from aiohttp import ClientSession
from chaos.light import light_bundle
from fakes.on_kafka import publish, ready, until_drained
from prometheus_client.parser import text_string_to_metric_families

from streams.brokers.processes import free_port
from streams.cli.local_worker import LocalWorker
from streams.events import Message

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

LISTINGS = 12
COMMAND = (sys.executable, "-m", "fakes.light_worker")


def listing(number, **fields):
    """Of six products with two listings each."""
    one = {"listing_id": f"l{number}", "title": f"thing {number // 2}", "currency": "EUR", **fields}
    return Message("listings", one["listing_id"].encode(), orjson.dumps(one))


async def read(settings):
    """Every sample: its name and labels, in the order of their names, to its value."""
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{settings.health_port}/metrics") as answer:
        text = await answer.text()
    samples = [one for family in text_string_to_metric_families(text) for one in family.samples]
    assert {one.labels.pop("generation") for one in samples if one.name.startswith("matchstream_")} == {
        settings.generation
    }
    return {
        (one.name.removeprefix("matchstream_"), *(one.labels[name] for name in sorted(one.labels))): one.value
        for one in samples
    }


@asynccontextmanager
async def worked_off(settings, log, messages):
    """A worker that has worked off these messages; its numbers."""
    await publish(messages, settings)
    async with LocalWorker(settings, log, COMMAND):
        await until_drained(settings)
        yield await read(settings)


async def test_new_listings_are_counted_and_new_prices_need_no_embedding(kafka_settings, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    bundle = light_bundle(tmp_path / "bundle")
    here = await ready(kafka_settings.model_copy(update={"bundle": str(bundle.path)}), tmp_path, tmp_path)
    settings = here.model_copy(update={"health_port": free_port(), "image_refetch_s": 0.0})
    new = [listing(number, price="10", version=1) for number in range(LISTINGS)]
    async with worked_off(settings, tmp_path / "log", [*new, Message("listings", b"x", b"{")]) as found:
        assert found["stage_events_total", "embed"] == LISTINGS + 1
        assert found["stage_events_total", "index"] == LISTINGS
        assert found["stage_batch_size_sum", "embed"] == LISTINGS + 1
        assert found["stage_batch_seconds_count", "embed"] == found["stage_batch_size_count", "embed"] >= 1
        assert found["dead_letters_total", "unreadable", "embed"] == 1
        assert [found["embeddings_computed_total", one] for one in ("text", "lexical", "image")] == [LISTINGS] * 2 + [0]
        assert found["embeddings_skipped_total", "text"] == 0
        assert found["match_list_size_count",] >= LISTINGS
        assert found["decisions_total", "match"] >= LISTINGS
        assert found["worker_info", f"bundle@{bundle.digest[:12]}", "0.1.0"] == 1
        assert found["index_round_trips_total",] > 0
        assert found["encoding_seconds_total",] > 0

        prices = [listing(number, price="9", version=2) for number in range(LISTINGS)]
        await publish(prices, settings)
        await until_drained(settings)
        after = await read(settings)
        assert after["stage_events_total", "embed"] == 2 * LISTINGS + 1
        for modality in ("text", "lexical"):
            assert after["embeddings_computed_total", modality] == LISTINGS
            assert after["embeddings_skipped_total", modality] == LISTINGS
        assert after["match_list_size_count",] == found["match_list_size_count",], "a price decides nothing"
        assert sum(value for (name, *_), value in after.items() if name == "retries_total") == 0
