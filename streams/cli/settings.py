"""`matchstream settings`: every setting, its value and where it came from."""

from __future__ import annotations

import os
from pathlib import Path

from dotenv import dotenv_values
from pydantic import SecretStr
from rich.table import Table

from streams.cli.console import out
from streams.settings import PREFIX, Settings, load_settings


def settings() -> None:
    """Print every setting, its value, where it came from and what it is for; secrets are masked."""
    out.print(_table(load_settings()))


def _table(settings_: Settings) -> Table:
    table = Table("setting", "value", "from", "meaning", box=None, pad_edge=False)
    in_file = dotenv_values(".env") if Path(".env").is_file() else {}
    for name, field in Settings.model_fields.items():
        variable = f"{PREFIX}{name.upper()}"
        table.add_row(variable, _shown(getattr(settings_, name)), _source(variable, in_file), field.description or "")
    return table


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "********"
    return "" if value is None else str(value)


def _source(variable: str, in_file: dict[str, str | None]) -> str:
    """Where pydantic-settings found it: names are not case-sensitive, and the environment wins."""
    if variable in {name.upper() for name in os.environ}:
        return "environment"
    return ".env" if variable in {name.upper() for name in in_file} else "default"
