"""The settings that belong to a generation: its bundle, and those that shape what it comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic import ValidationError

from streams.errors import SettingsError
from streams.events.generations import Generation
from streams.settings import Settings

__all__ = ["SHAPING", "checked", "overrides_of", "settings_of"]

SHAPING: Final = tuple(
    name
    for name in Settings.model_fields
    if name in {"search_limit", "product_limit", "image_max_bytes", "image_max_pixels"}
    or name.startswith(("qdrant_hnsw_", "qdrant_on_disk", "qdrant_quantization", "qdrant_replication", "qdrant_shards"))
)
"""Settings that all workers of a generation must have alike, or that its collection is made with."""


def overrides_of(texts: Sequence[str], settings: Settings) -> dict[str, str]:
    """What `--set NAME=VALUE` says, each name known and each value checked.

    Raises:
        SettingsError: one can't be used.
    """
    found = dict(_split(text) for text in texts)
    checked(settings, found, "'--set'", "see 'matchstream settings' for what each may be")
    return found


def settings_of(settings: Settings, generation: Generation) -> Settings:
    """The settings of a process that works for that generation.

    Raises:
        SettingsError: a setting that it was begun with can't be used any more.
    """
    unknown = sorted(set(generation.settings) - set(SHAPING))
    overrides = {"generation": generation.name, "bundle": generation.bundle, **generation.settings}
    remedy = f"begin another one with 'matchstream reindex start', then 'matchstream reindex drop {generation.name}'"
    if unknown:
        raise SettingsError(
            f"generation '{generation.name}'", got=f"setting {unknown[0]}", wanted=_one_of(SHAPING), remedy=remedy
        )
    return checked(settings, overrides, f"generation '{generation.name}'", remedy)


def _one_of(names: Sequence[str]) -> str:
    return f"one of {', '.join(names)}"


def _split(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    name = name.strip().lower().removeprefix("matchstream_")
    if not equals or name not in SHAPING:
        raise SettingsError(
            "'--set'",
            got=repr(text),
            wanted=f"NAME=VALUE, where NAME is {_one_of(SHAPING)},",
            remedy="all other settings are the workers' own: set them in their environment",
        )
    return name, value.strip()


def checked(settings: Settings, overrides: Mapping[str, str], subject: str, remedy: str) -> Settings:
    """The settings with these in place, as the types that they are.

    Raises:
        SettingsError: one can't be used.
    """
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    try:
        valid = Settings(**{**values, **overrides})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SettingsError(
            subject,
            got=f"{first['loc'][0]}={first['input']}",
            wanted=str(first["msg"]).lower().removeprefix("input should be "),
            remedy=remedy,
        ) from error
    return settings.model_copy(update={name: getattr(valid, name) for name in overrides})
