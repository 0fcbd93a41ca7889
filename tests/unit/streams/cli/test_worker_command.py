import os
import time

import pytest
import typer

from streams.cli.settings import _shown, without_login
from streams.cli.worker import _check, _chosen
from streams.errors import SettingsError
from streams.settings import Settings


def test_stages_come_in_the_order_of_the_flow_and_once():
    assert _chosen("match, embed,,embed") == ["embed", "match"]


@pytest.mark.parametrize("text", ["", " , ", "embed,nonsense", "EMBED"])
def test_stages_that_do_not_exist_are_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="some of embed,index,blend,match"):
        _chosen(text)


def test_the_check_looks_at_the_age_of_the_heartbeat(tmp_path):
    file = tmp_path / "heartbeat"
    settings = Settings(_env_file=None, heartbeat_file=file)
    with pytest.raises(typer.Exit) as missing:
        _check(settings)
    file.touch()
    _check(settings)
    os.utime(file, (time.time() - 60,) * 2)
    with pytest.raises(typer.Exit) as old:
        _check(settings)
    assert (missing.value.exit_code, old.value.exit_code) == (1, 1)


def test_the_check_without_a_heartbeat_file_says_which_setting_is_missing():
    with pytest.raises(SettingsError, match="MATCHSTREAM_HEARTBEAT_FILE"):
        _check(Settings(_env_file=None))


def test_a_login_in_a_url_is_not_shown():
    assert without_login("https://me:hush@host:6333/x@y") == "https://host:6333/x@y"
    assert without_login("host-a:9092,host-b:9092") == "host-a:9092,host-b:9092"
    assert _shown("https://me:hush@host") == "https://host"


@pytest.mark.parametrize(
    ("value", "shown"), [(None, "-"), ("", "-"), (0, "0"), (False, "False"), ("a\x1bb", "a\ufffdb")]
)
def test_values_are_shown_in_one_word(value, shown):
    assert _shown(value) == shown
