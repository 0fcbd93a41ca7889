"""A verdict on the page acts on the products of a running flow, and stays when worker and page begin again."""

import asyncio
import time
from contextlib import asynccontextmanager
from statistics import median

import httpx
import orjson
import pytest
from fakes.on_kafka import publish, ready, until_drained
from pydantic import SecretStr

from streams.cli.local_worker import LocalWorker
from streams.events import Message
from streams.web.serving import serving

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

TOKEN = "a-token-for-tests"  # noqa: S105 - of no other page
TOGETHER, APART = {("a", "b", "c", "d")}, {("a", "b", "c"), ("d",)}
PAIR = {"one": "a", "other": "d"}
TIMES = 5
UNTIL_S = 120.0
WITHIN_S = 10.0
"""What the median may take beside other tests; a second or two is wanted, a quarter of one is usual."""


@asynccontextmanager
async def page(settings):
    """A page that has caught up; its store, and somebody who may vote."""
    headers = {"Authorization": f"Bearer {TOKEN}", "X-Reviewer": "ann"}
    async with (
        serving(settings) as served,
        httpx.AsyncClient(base_url=served.address, headers=headers, timeout=UNTIL_S) as person,
    ):
        while not served.services.standing.caught_up:  # noqa: ASYNC110 - nobody else waits for it
            await asyncio.sleep(0.02)
        yield served.services.store, person


def products(store):
    found = {}
    for row in store.reading.execute("select product_id, listing_id from members order by listing_id"):
        found.setdefault(row["product_id"], []).append(row["listing_id"])
    return {tuple(members) for members in found.values()}


async def until(store, wanted):
    """Wait for these products."""
    ends = time.monotonic() + UNTIL_S
    while (found := products(store)) != wanted:
        assert time.monotonic() < ends, found
        await asyncio.sleep(0.01)


async def test_a_verdict_splits_a_product_at_once_and_for_good(kafka_settings, tmp_path):
    here = await ready(kafka_settings, tmp_path, tmp_path)
    settings = here.model_copy(
        update={"web_port": 0, "web_path": tmp_path / "web.sqlite", "web_token": SecretStr(TOKEN)}
    )
    same = [{"listing_id": one, "title": "red running shoe 42"} for one in "abcd"]
    await publish([Message("listings", one["listing_id"].encode(), orjson.dumps(one)) for one in same], settings)
    async with LocalWorker(settings, tmp_path / "worker.log"), page(settings) as (store, person):
        await until(store, TOGETHER)
        took = []
        for _ in range(TIMES):
            began = time.monotonic()
            assert (await person.post("/votes", json={**PAIR, "verdict": "different"})).status_code == 200
            await until(store, APART)
            took.append(time.monotonic() - began)
            assert (await person.post("/votes/undo")).json()["verdict"] is None
            await until(store, TOGETHER)
        print(f"\na verdict acts within {median(took):.2f} s (median), {max(took):.2f} s at most")
        assert median(took) < WITHIN_S, took
        await person.post("/votes", json={**PAIR, "verdict": "different"})
        await until(store, APART)
    settings.web_path.unlink()
    async with LocalWorker(settings, tmp_path / "worker.log"), page(settings) as (store, person):
        await until_drained(settings)
        assert products(store) == APART
        told = (await person.get("/judgements", params=PAIR)).json()
        assert (told["verdict"], told["by"], [vote["by"] for vote in told["votes"]]) == ("different", "ann", ["ann"])
