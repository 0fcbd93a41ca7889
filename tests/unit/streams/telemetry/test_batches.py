import logging

import pytest
from fakes.clock import Clock

from streams.events import Judgement, Message, Verdict
from streams.telemetry.batches import listings_of, logged


def of(key, partition=0, offset=0):
    return Message("listings", key, b"{}", partition=partition, offset=offset)


async def test_a_batch_is_one_line_with_its_listings_and_where_they_lay(caplog):
    caplog.set_level(logging.INFO)
    batch, clock = [of(b"a", 1, 7), of(b"b", 0, 3), of(b"a", 1, 9)], Clock()

    async def take_a_while(_messages):
        clock.pass_s(0.25)

    await logged("embed", take_a_while, "g1", clock)(batch)
    (line,) = caplog.records
    assert line.getMessage() == "stage 'embed': 3 messages in 0.25 s"
    assert (line.stage, line.generation, line.messages, line.topic) == ("embed", "g1", 3, "listings")
    assert (line.listings, line.offsets) == (["a", "b"], {"1": [7, 9], "0": [3, 3]})
    assert line.seconds == 0.25


async def test_a_batch_that_is_given_up_says_so_and_why(caplog):
    caplog.set_level(logging.INFO)

    async def fail(_messages):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await logged("index", fail, "g1", Clock())([of(b"a")])
    (line,) = caplog.records
    assert line.getMessage() == "stage 'index': 1 message in 0.00 s, not done: ZeroDivisionError"
    assert (line.levelname, line.error, line.listings) == ("WARNING", "ZeroDivisionError", ["a"])


async def test_nothing_is_made_of_messages_where_nobody_listens(caplog):
    caplog.set_level(logging.WARNING, "streams.telemetry")
    seen = []

    async def look(messages):
        seen.append(messages)

    nobody_may_look_at = object()
    await logged("embed", look, "g1")(nobody_may_look_at)
    assert seen == [nobody_may_look_at]
    assert not caplog.records


def test_a_judgement_is_about_two_listings():
    key = Judgement.on("b", 'a"1', Verdict.SAME).key
    assert listings_of([of(key), of(b"b"), of(b'["torn'), of(b"\xff"), of(None)]) == [
        'a"1',
        "b",
        '["torn',
        "\ufffd",
        "",
    ]
