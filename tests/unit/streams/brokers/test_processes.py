import os
import socket
import subprocess
import sys

from streams.brokers.processes import command_line, end, free_port, last_words, port_in_use

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
)


def child(code):
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.stdout.close()
    return process


def test_a_process_is_known_by_its_command_line_until_it_ends():
    process = child("import time; print('ready', flush=True); time.sleep(60)")
    assert "time.sleep(60)" in command_line(process.pid)

    end(process.pid)

    assert command_line(process.pid) == ""
    process.poll()


def test_a_process_that_will_not_end_is_ended(monkeypatch):
    monkeypatch.setattr("streams.brokers.processes._ASKED_FOR_S", 0.3)
    process = child(STUBBORN)

    end(process.pid)

    assert command_line(process.pid) == ""
    process.poll()


def test_ending_a_process_that_is_gone_does_nothing():
    process = child("print('ready')")
    process.wait()
    end(process.pid)


def test_no_process_has_no_command_line():
    assert command_line(2**22 + os.getpid()) == ""


def test_a_free_port_is_used_once_somebody_listens():
    port = free_port()
    assert not port_in_use(port)
    with socket.create_server(("127.0.0.1", port)):
        assert port_in_use(port)


def test_nobody_is_told_a_port_that_another_was_told():
    ports = [free_port() for _ in range(500)]
    assert len(set(ports)) == len(ports)


def test_last_words_are_one_line():
    assert last_words("one\ntwo\n three\nfour\n") == "two | three | four"
    assert last_words("  \n") == "it said nothing"
