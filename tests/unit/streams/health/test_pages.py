import asyncio
import socket
from http.client import HTTPConnection

import orjson
import pytest

from streams.brokers.processes import free_port, port_in_use
from streams.brokers.topics import StageName
from streams.errors import SettingsError
from streams.health import ask, health_pages
from streams.settings import Settings


@pytest.fixture
def settings():
    return Settings(_env_file=None, health_port=free_port())


def fetch(settings, page, method="GET"):
    connection = HTTPConnection(settings.health_host, settings.health_port, timeout=10)
    try:
        connection.request(method, page)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


async def test_a_worker_that_is_ready_says_so(ready, settings):
    async with health_pages(ready, settings):
        status, headers, body = await asyncio.to_thread(fetch, settings, "/readyz")
    assert status == 200
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("application/json", "no-store")
    stage = {"assignments": 1, "lag": 0, "last_batch_age_s": None, "batch_in_hand_s": None}
    assert orjson.loads(body) == {
        "ok": True,
        "reasons": [],
        "generation": "g1",
        "stages": {"embed": {"partitions": [0, 2], **stage}, "index": {"partitions": [], **stage}},
    }


async def test_one_that_begins_is_alive_and_not_ready(watch, settings):
    async with health_pages(watch, settings):
        alive, _, _ = await asyncio.to_thread(fetch, settings, "/healthz")
        unready, _, body = await asyncio.to_thread(fetch, settings, "/readyz")
    assert (alive, unready) == (200, 503)
    assert "stage 'embed' waits for its partitions" in orjson.loads(body)["reasons"]


async def test_there_is_nothing_else_to_ask_for_and_nothing_to_send(watch, settings):
    async with health_pages(watch, settings):
        answers = [("/", "GET"), ("/readyz", "POST"), ("/healthz/x", "GET")]
        assert [(await asyncio.to_thread(fetch, settings, *one))[0] for one in answers] == [404, 405, 404]


async def test_the_port_is_free_again_afterwards(watch, settings):
    async with health_pages(watch, settings):
        assert port_in_use(settings.health_port)
    assert not port_in_use(settings.health_port)


async def test_without_a_port_there_are_no_pages(watch):
    async with health_pages(watch, Settings(_env_file=None)):
        assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_a_port_that_somebody_has_is_told_with_the_remedy(watch):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match="give each worker of a machine one of its own") as caught:
            async with health_pages(watch, Settings(_env_file=None, health_port=port)):
                pass
    assert caught.value.got.startswith(f"port {port} of 127.0.0.1 (")
    assert "\n" not in str(caught.value)


async def test_an_address_that_is_not_of_this_machine_is_told_too(watch):
    settings = Settings(_env_file=None, health_port=free_port(), health_host="192.0.2.1")
    with pytest.raises(SettingsError, match="MATCHSTREAM_HEALTH_HOST"):
        async with health_pages(watch, settings):
            pass


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])  # noqa: S104 - a container may be asked from outside
async def test_who_asks_hears_whether_it_is_good_and_why_not(ready, settings, host):
    here = settings.model_copy(update={"health_host": host})
    async with health_pages(ready, here):
        assert (await asyncio.to_thread(ask, here, "/readyz")).ok
        ready.pulses[StageName.EMBED].revoked()
        answer = await asyncio.to_thread(ask, here, "/readyz")
    assert (answer.ok, answer.reasons) == (False, ["stage 'embed' waits for its partitions"])


def test_nobody_there_is_no_good_answer(settings):
    answer = ask(settings, "/healthz")
    assert not answer.ok
    assert answer.reasons == [f"no worker answers at port {settings.health_port} of 127.0.0.1 (ConnectionRefusedError)"]


@pytest.mark.parametrize("said", [b"HTTP/1.0 200 OK\r\n\r\nhello", b"HTTP/1.0 200 OK\r\n\r\n[]", b"hello"])
async def test_another_server_is_no_worker(said):
    async def answer(_reader, writer):
        writer.write(said)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await asyncio.to_thread(ask, Settings(_env_file=None, health_port=port), "/healthz")
    assert not answer.ok
    assert "worker" in answer.reasons[0]
