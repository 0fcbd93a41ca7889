"""Which values of settings must never be shown: passwords, keys, and the passwords in URLs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pydantic import SecretStr
from pydantic_settings import DotEnvSettingsSource, EnvSettingsSource

from streams.redaction import Redactor, passwords_in
from streams.settings import Settings, is_secret

__all__ = ["redactor_at_hand", "redactor_of"]

_OF_OTHERS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
"""Variables of the model hub's library, which `models pull` brings it the token by."""


def redactor_of(settings: Settings) -> Redactor:
    """Takes the secrets of these settings out of texts."""
    return Redactor(_secrets({name: getattr(settings, name) for name in Settings.model_fields}))


def redactor_at_hand() -> Redactor:
    """The same for this process's environment and `.env`, whether or not the settings in them can be used."""
    found = _secrets(EnvSettingsSource(Settings)())
    found += [os.environ[name] for name in _OF_OTHERS if os.environ.get(name)]
    with suppress(OSError, UnicodeError):  # who can't read it has none of its secrets
        found += _secrets(DotEnvSettingsSource(Settings)())
    return Redactor(found)


def _secrets(values: Mapping[str, Any]) -> list[str]:
    found: list[str] = []
    for name in Settings.model_fields.keys() & values.keys():
        value = values[name]
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        found += [text] if is_secret(name) else passwords_in(text)
    return found
