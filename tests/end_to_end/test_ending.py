"""However a command ends, nothing that it started stays behind."""

import os
import signal

import pytest
from end_to_end.commands import alive, children_of, finished, until

pytestmark = pytest.mark.slow

PARTS = ("-m streams.brokers.embedded", "-m streams.cli.main worker")


def parts_of(process):
    """The ids of the broker and the worker of a `match`, once both run.

    For a moment what it starts has its own command line.
    """

    def parts():
        children = children_of(process.pid)
        return [one for part in PARTS for one, how in children.items() if part in how], children

    until(lambda: len(parts()[0]) == len(PARTS))
    found, children = parts()
    assert sorted(found) == sorted(children)
    return found


@pytest.fixture
def running(command, listings_file):
    """A `match` whose broker and worker run, and their process ids."""
    process = command.start("match", str(listings_file))
    children = parts_of(process)
    yield process, children
    for one in (process.pid, *children):
        if alive(one):
            os.kill(one, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_command_ends_what_it_started(running, number):
    process, children = running
    process.send_signal(number)
    result = finished(process)
    assert (result.code, result.out) == (130, "")
    assert "Traceback" not in result.err
    assert not any(alive(one) for one in children)


def test_a_background_job_that_ctrl_c_is_not_for_still_ends_at_sigterm(command, listings_file):
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        process = command.start("match", str(listings_file))
    finally:
        signal.signal(signal.SIGINT, before)
    children = parts_of(process)
    process.terminate()
    assert finished(process).code == -signal.SIGTERM
    until(lambda: not any(alive(one) for one in children))


def test_what_a_killed_command_started_ends_by_itself(running):
    process, children = running
    process.kill()
    until(lambda: not any(alive(one) for one in children))
