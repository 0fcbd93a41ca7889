import os
import socket
import time
from contextlib import contextmanager
from threading import Thread

import pytest
import typer

from streams.brokers.processes import free_port
from streams.cli.checking import check_alive, check_ready
from streams.errors import SettingsError
from streams.settings import Settings


def test_the_check_looks_at_the_age_of_the_heartbeat(tmp_path):
    file = tmp_path / "heartbeat"
    settings = Settings(_env_file=None, heartbeat_file=file)
    with pytest.raises(typer.Exit) as missing:
        check_alive(settings)
    file.touch()
    check_alive(settings)
    os.utime(file, (time.time() - 60,) * 2)
    with pytest.raises(typer.Exit) as old:
        check_alive(settings)
    assert (missing.value.exit_code, old.value.exit_code) == (1, 1)


@pytest.mark.parametrize("check", [check_alive, check_ready])
def test_a_port_is_asked_whatever_the_file_says(check, tmp_path, capsys):
    file = tmp_path / "heartbeat"
    file.touch()
    settings = Settings(_env_file=None, heartbeat_file=file, health_port=free_port())
    with pytest.raises(typer.Exit) as silent:
        check(settings)
    assert silent.value.exit_code == 1
    assert "no worker answers at port" in capsys.readouterr().err


@pytest.mark.parametrize("check", [check_alive, check_ready])
def test_a_check_without_what_it_needs_says_which_setting_is_missing(check):
    with pytest.raises(SettingsError, match="MATCHSTREAM_HEALTH_PORT"):
        check(Settings(_env_file=None))


@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("503 Service Unavailable", 1)])
@pytest.mark.parametrize("check", [check_alive, check_ready])
def test_the_exit_code_is_what_the_worker_says(check, status, code, capsys):
    body = b'{"reasons": ["the index does not\\u001b answer"]}'
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        serving(server, f"HTTP/1.0 {status}\r\n\r\n".encode() + body),
    ):
        settings = Settings(_env_file=None, health_port=server.getsockname()[1])
        assert exit_code(check, settings) == code
    said = capsys.readouterr().err
    assert ("the index does not\ufffd answer" in said) is bool(code)


@contextmanager
def serving(server, answer):
    """One answer to one question."""

    def serve():
        with server.accept()[0] as connection:
            connection.recv(1_000)
            connection.sendall(answer)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    yield
    thread.join(10)


def exit_code(check, settings):
    try:
        check(settings)
    except typer.Exit as ended:
        return ended.exit_code
    return 0
