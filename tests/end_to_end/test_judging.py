"""What people do with a running matchstream: judge, ask why, and verify, each as its command."""

import asyncio
import re

import orjson
import pytest
from end_to_end.commands import finished, interrupt

from streams.brokers.lag import LagReader

pytestmark = [pytest.mark.kafka, pytest.mark.slow]


async def until_drained(settings):
    async with LagReader(settings) as reader:
        while not await reader.drained():  # noqa: ASYNC110 - a broker has no event for it
            await asyncio.sleep(0.2)


def newest(command, topic, key):
    result = command.run("tail", topic, "--until-end", "--json")
    assert (result.code, result.err) == (0, "")
    return {event[key]: event for event in map(orjson.loads, result.out.splitlines())}


async def test_judged_explained_and_verified(command, kafka_settings, listings_file, worker):
    here = command.on(kafka_settings)
    assert here.run("topics", "create").code == 0
    assert here.run("publish", str(listings_file)).code == 0
    behind = here.run("verify")
    assert behind.code == 1
    assert "embed 34 behind" in behind.err

    process = worker(here)
    await until_drained(kafka_settings)
    products = newest(here, "products", "product_id")
    assert products["a-0"]["members"] == ["a-0", "b-0"]
    assert products["c-0"]["members"] == ["c-0"]

    judged = here.run("judge", "c-0", "a-0", "same", "--by", "eva")
    assert (judged.code, judged.out.split(";")[0]) == (0, "'c-0' and 'a-0': same")
    await until_drained(kafka_settings)
    products = newest(here, "products", "product_id")
    assert (products["a-0"]["members"], products["c-0"]["members"]) == (["a-0", "b-0", "c-0"], None)
    assert newest(here, "matches", "listing_id")["c-0"]["matches"][0]["evidence"]["rule"] == "judged same"

    beside_the_worker = here.run("explain", "a-0", "c-0")
    verified_beside_it = here.run("verify")
    interrupt(process)
    finished(process)
    explained = here.run("explain", "a-0", "c-0")
    assert (beside_the_worker.out, beside_the_worker.code) == (explained.out, explained.code)
    assert explained.code == 0
    assert "match: judged same" in explained.out
    assert "'c-0' is in the list of 'a-0'" in explained.out
    why = orjson.loads(here.run("explain", "a-0", "b-0", "--json").out)
    assert (why["outcome"], why["in_list"]) == ("match", True)
    assert re.match(r"combined 0\.\d{4}>=0\.60", why["reason"])
    unknown = here.run("explain", "a-0", "nobody")
    assert unknown.code == 1
    assert "listing 'nobody': not in the index" in unknown.err

    verified = here.run("verify")
    assert (verified_beside_it.out, verified_beside_it.code) == (verified.out, verified.code)
    assert (verified.code, verified.out.splitlines()[-1]) == (0, "34 listings and 18 products verified: no real fault")


def test_a_generation_that_nobody_began_is_not_made_by_looking(command):
    result = command.with_(generation="never").run("explain", "a", "b")
    assert result.code == 1
    assert "generation 'never': no collection 'never'" in result.err
    assert "matchstream worker" in result.err
    assert not (command.folder / "index").exists()


@pytest.mark.parametrize("arguments", [("a", "a", "same"), ("a", "", "same"), ("a", "b", "perhaps")])
def test_what_can_not_be_judged_is_refused(command, arguments):
    assert command.run("judge", *arguments).code == 2
