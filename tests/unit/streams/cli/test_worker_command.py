import subprocess
import sys

import pytest
import typer

from streams.cli.settings import _shown
from streams.cli.worker import _chosen

TOLD_TO_STOP_WHERE_NOTHING_CAN_BE_RAISED = """
import os, signal
from streams.cli import main, worker

class Leaving:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

async def as_told(settings, *, chosen):
    return settings

async def there():
    print("it went on")

def ensure_ready(_settings):
    Leaving()
    return there()

worker.settings_on_roster, worker.ensure_ready = as_told, ensure_ready
main.main()
"""


def test_sigterm_while_it_starts_is_not_lost():
    command = [sys.executable, "-c", TOLD_TO_STOP_WHERE_NOTHING_CAN_BE_RAISED, "worker"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


def test_stages_come_in_the_order_of_the_flow_and_once():
    assert _chosen("match, embed,,embed") == ["embed", "match"]


@pytest.mark.parametrize("text", ["", " , ", "embed,nonsense", "EMBED"])
def test_stages_that_do_not_exist_are_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="some of embed,index,blend,match"):
        _chosen(text)


def test_a_login_in_a_url_is_not_shown():
    assert _shown("https://me:hush@host") == "https://host"


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), ("", "-"), (0, "0"), (False, "False"), ("a\x1bb", "a\ufffdb")]
)
def test_values_are_shown_in_one_word(value, shown):
    assert _shown(value) == shown
