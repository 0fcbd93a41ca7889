import asyncio
import logging

import pytest
from fakes.clock import Clock

from streams.errors import IndexUnavailableError
from streams.health.asked import Asked


def silent():
    raise IndexUnavailableError("Qdrant", got="nothing", wanted="an answer", remedy="start it")


@pytest.fixture
def asked():
    return Asked("the index", within_s=0.01, clock=Clock())


async def ask(asked, *answers):
    async def answer(one):
        return one() if callable(one) else one

    return [await asked.once(lambda one=one: answer(one)) for one in answers]


def state(asked):
    return asked.answers, asked.trouble


async def test_nobody_answers_before_being_asked(asked):
    assert state(asked) == (False, None)


async def test_one_answer_that_does_not_come_is_no_trouble_two_are(asked):
    assert await ask(asked, "a", silent) == ["a", None]
    assert state(asked) == (True, None)
    await ask(asked, silent)
    assert state(asked) == (False, "IndexUnavailableError")
    await ask(asked, "b")
    assert (state(asked), asked.answer) == ((True, None), "b")
    await ask(asked, silent)
    assert state(asked) == (True, None)


async def test_whoever_has_never_answered_is_in_trouble_at_once(asked):
    await ask(asked, silent)
    assert state(asked) == (False, "IndexUnavailableError")
    assert asked.failed_at == 1_000


async def test_an_answer_has_its_time(asked):
    assert await asked.once(asyncio.Event().wait) is None
    assert state(asked) == (False, "TimeoutError")


async def test_whatever_an_answer_fails_with_ends_nobody(asked):
    await ask(asked, lambda: 1 / 0)
    assert state(asked) == (False, "ZeroDivisionError")


async def test_silence_and_its_end_are_logged_once_each(asked, caplog):
    caplog.set_level(logging.INFO)
    await ask(asked, silent, silent, silent, "a", "b")
    assert [record.getMessage() for record in caplog.records] == [
        "the index does not answer: Qdrant: nothing, an answer wanted; start it",
        "the index answers again",
    ]
