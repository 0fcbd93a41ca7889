import os
from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.settings import PREFIX, Settings, environment_of, load_settings


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    """No setting of this machine, and a folder without .env."""
    for name in [one for one in os.environ if one.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def into(monkeypatch, environment):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_overrides_win_over_the_environment_and_that_over_the_file_and_that_over_the_default(monkeypatch):
    Path(".env").write_text("MATCHSTREAM_BATCH_SIZE=2\nMATCHSTREAM_PARTITIONS=2\nMATCHSTREAM_GENERATION=g2\nOTHER=1\n")
    into(monkeypatch, {"MATCHSTREAM_BATCH_SIZE": "3", "MATCHSTREAM_PARTITIONS": "3"})
    settings = load_settings(batch_size=4)
    assert (settings.batch_size, settings.partitions, settings.generation, settings.replication) == (4, 3, "g2", 1)


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("batch_size", "many", "a valid integer"),
        ("batch_size", "0", "greater than or equal to 1"),
        ("generation", "G 1", "match pattern"),
        ("index", "elsewhere", "'embedded' or 'server'"),
        ("qdrant_grpc_port", "70000", "less than or equal to 65535"),
    ],
)
def test_a_value_that_can_not_be_used_is_named_in_one_line(monkeypatch, name, value, wanted):
    into(monkeypatch, {f"{PREFIX}{name.upper()}": value})
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert caught.value.subject == f"setting {PREFIX}{name.upper()}"
    assert caught.value.got == repr(value)
    assert wanted in caught.value.wanted
    assert "\n" not in str(caught.value)


def test_a_secret_that_can_not_be_used_is_not_shown():
    with pytest.raises(SettingsError) as caught:
        load_settings(kafka_password=["hush"])
    assert "hush" not in str(caught.value)
    assert caught.value.subject == "setting MATCHSTREAM_KAFKA_PASSWORD"


def test_another_process_gets_the_same_settings_secrets_included(monkeypatch):
    here = load_settings(
        kafka_password="hush",  # noqa: S106 - made up
        qdrant_api_key="hush too",
        image_root=Path("photos"),
        image_allow_private=True,
        broker_embedded=True,
        batch_wait_s=0.05,
        index="server",
    )
    into(monkeypatch, environment_of(here))
    assert load_settings() == here


def test_what_is_not_set_is_left_out():
    told = environment_of(Settings())
    assert "MATCHSTREAM_KAFKA_PASSWORD" not in told
    assert "MATCHSTREAM_HEARTBEAT_FILE" not in told
    assert all(told.values()) or told["MATCHSTREAM_TOPIC_PREFIX"] == ""
    assert set(told) <= {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}


def test_settings_do_not_show_their_secrets():
    settings = load_settings(kafka_password="hush", qdrant_api_key="hush")  # noqa: S106 - made up
    assert "hush" not in repr(settings) + str(settings)


def test_every_setting_says_what_it_is_for():
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
