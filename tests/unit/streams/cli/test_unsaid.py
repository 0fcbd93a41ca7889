"""Whatever a library, an error or a thread says: no secret of this process comes out of a command."""

import logging
import sys
import threading

import pytest

from streams.cli import console, failures
from streams.cli.logs import log_as_worker, log_to_console
from streams.errors import BrokerError
from streams.settings import PREFIX, Settings, is_secret

pytestmark = pytest.mark.usefixtures("logging_as_before")

PLANTED = {name: f"pl4nted'in\\{name} é" for name in Settings.model_fields if is_secret(name)}


@pytest.fixture(autouse=True)
def _planted(monkeypatch, tmp_path):
    for name, secret in PLANTED.items():
        monkeypatch.setenv(f"{PREFIX}{name.upper()}", secret)
    monkeypatch.setenv(f"{PREFIX}QDRANT_URL", "https://me:pl4nted-url@qdrant.example")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def said(capsys, monkeypatch):
    fresh = console.Console(stderr=True, soft_wrap=True, markup=False, width=10_000)
    monkeypatch.setattr(failures, "err", fresh)
    monkeypatch.setattr(console, "err", fresh)

    def text():
        told = capsys.readouterr()
        return told.out + told.err

    return text


def fail_with(secret):
    local = secret
    raise KeyError(local)


LOGGERS = ["streams.worker", "aiokafka.conn", "faust.app", "httpx", "qdrant_client"]
SET_UP = {
    "console": (lambda: log_to_console(debug=False), LOGGERS[:1]),
    "console, debug": (lambda: log_to_console(debug=True), LOGGERS),
    "worker": (lambda: log_as_worker("DEBUG", debug=False), [one for one in LOGGERS if one != "faust.app"]),
    "worker, debug": (lambda: log_as_worker("DEBUG", debug=True), LOGGERS),
    "worker, json": (lambda: log_as_worker("DEBUG", debug=True, as_json=True), LOGGERS),
}


@pytest.mark.parametrize(("set_up", "heard"), SET_UP.values(), ids=SET_UP)
@pytest.mark.parametrize("name", LOGGERS)
def test_nothing_that_is_logged(set_up, heard, name, said):
    set_up()
    log = logging.getLogger(name)
    for secret in PLANTED.values():
        log.error("marker %s %r %s", secret, {"password": secret}, secret.encode())
        log.error("marker GET https://me:pl4nted-too@host/%s", secret)
        try:
            fail_with(secret)
        except KeyError:
            log.exception("marker")
    text = said()
    assert "pl4nted" not in text
    assert ("marker" in text) is (name in heard)


@pytest.mark.parametrize("tell", [failures.say, failures.say_all, failures.say_for_the_log])
def test_no_failure_told_with_its_traceback_or_without(tell, said):
    for secret in PLANTED.values():
        try:
            try:
                fail_with(secret)
            except KeyError as cause:
                raise BrokerError(f"broker {secret}", got=repr(secret), wanted="x", remedy="y") from cause
        except BrokerError as error:
            tell(BrokerError, error, error.__traceback__)
            tell(ValueError, ValueError(f"https://me:pl4nted-url@host {secret}"), None)
    text = said()
    assert "pl4nted" not in text
    assert "broker ********" in text


@pytest.mark.parametrize("debug", [True, False])
def test_no_thread_that_ends(debug, said):
    log_as_worker("INFO", debug=debug)
    thread = threading.Thread(target=lambda: {}[PLANTED["kafka_password"]])
    thread.start()
    thread.join()
    text = said()
    assert "a thread ended with KeyError" in text
    assert ("Traceback" in text) is debug
    assert "pl4nted" not in text


def test_a_traceback_is_told_whole_but_for_the_secret(said):
    def fail():
        raise ValueError("of nobody")

    try:
        fail()
    except ValueError:
        failures.say_all(*sys.exc_info())
    assert "Traceback (most recent call last)" in (text := said())
    assert "in fail" in text
    assert text.rstrip().endswith("ValueError: of nobody")
