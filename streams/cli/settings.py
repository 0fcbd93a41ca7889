"""`matchstream settings`: every setting, its value and where it came from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr
from rich.text import Text

from streams.cli.console import out, printable
from streams.redaction import MASK, without_login
from streams.settings import PREFIX, Settings, load_settings

_NAME_WIDTH = max(len(PREFIX + name) for name in Settings.model_fields)


def settings() -> None:
    """Print every setting, its value, where it came from and what it is for; secrets are masked."""
    loaded = load_settings()
    in_file = dotenv_values(".env") if Path(".env").is_file() else {}
    for name, field in Settings.model_fields.items():
        variable = f"{PREFIX}{name.upper()}"
        value, source = _shown(getattr(loaded, name)), _source(variable, in_file)
        out.print(Text.assemble((f"{variable:<{_NAME_WIDTH}}", "bold"), f"  {value}", (f"  ({source})", "dim")))
        out.print(f"    {field.description}", style="dim")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return MASK
    return "-" if value is None or value == "" else printable(without_login(str(value)))


def _source(variable: str, in_file: Mapping[str, str | None]) -> str:
    """Where pydantic-settings found it: names are not case-sensitive, and the environment wins."""
    if variable in {name.upper() for name in os.environ}:
        return "environment"
    return ".env" if variable in {name.upper() for name in in_file} else "default"
