import os

import pytest

from streams.errors import SettingsError
from streams.redaction import MASK
from streams.secrecy import redactor_at_hand, redactor_of
from streams.settings import PREFIX, Settings, is_secret, load_settings

SECRETS = [name for name in Settings.model_fields if is_secret(name)]


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch, tmp_path):
    for name in [one for one in os.environ if one.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def planted(name):
    return f"planted-in-{name}"


def test_what_must_not_be_shown_is_declared():
    assert {"kafka_password", "qdrant_api_key"} <= set(SECRETS)


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_is_masked_where_settings_are_shown_and_taken_out_of_texts(name):
    settings = load_settings(**{name: planted(name)})
    assert planted(name) not in repr(settings) + str(settings) + f"{settings!r}"
    assert redactor_of(settings)(f"of {planted(name)}.") == f"of {MASK}."


@pytest.mark.parametrize("where", ["environment", ".env", "lower case"])
@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_at_hand_is_known_even_if_no_setting_can_be_used(monkeypatch, tmp_path, name, where):
    variable = f"{PREFIX}{name}" if where == "lower case" else f"{PREFIX}{name.upper()}"
    lines = [f"{variable}={planted(name)}", "OTHER=1"]
    if where == "environment":
        monkeypatch.setenv(variable, planted(name))
    else:
        (tmp_path / ".env").write_text("\n".join(lines))
    monkeypatch.setenv(f"{PREFIX}BATCH_SIZE", "many")
    assert redactor_at_hand()(planted(name)) == MASK


def test_the_token_of_the_model_hub_is_known_too(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_opensesame")
    assert redactor_at_hand()("Bearer hf_opensesame") == f"Bearer {MASK}"


def test_a_file_that_is_no_text_hides_nothing_else(monkeypatch, tmp_path):
    (tmp_path / ".env").write_bytes(b"MATCHSTREAM_BUNDLE=\xff\xfe")
    monkeypatch.setenv(f"{PREFIX}KAFKA_PASSWORD", "opensesame")
    assert redactor_at_hand()("opensesame") == MASK


def test_a_login_in_a_url_is_a_secret_too(monkeypatch):
    settings = load_settings(qdrant_url="https://me:open%20sesame@host:6333")
    assert "sesame" not in repr(settings)
    assert "https://host:6333" in repr(settings)
    assert redactor_of(settings)("open sesame, open%20sesame") == f"{MASK}, {MASK}"
    monkeypatch.setenv(f"{PREFIX}QDRANT_URL", "https://me:opensesame@host")
    assert redactor_at_hand()("opensesame") == MASK


def test_other_settings_are_no_secrets():
    told = "127.0.0.1:9092 shop /etc/key.pem"
    settings = load_settings(kafka_username="shop", kafka_key_file="/etc/key.pem")
    assert redactor_of(settings)(told) == told


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_can_not_be_used_is_not_shown_either_nor_what_it_was_made_of(name):
    with pytest.raises(SettingsError) as caught:
        load_settings(**{name: [planted(name)]})
    assert planted(name) not in str(caught.value) + str(caught.value.__cause__)
