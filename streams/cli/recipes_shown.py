"""What `matchstream train --recipes` shows: each recipe in a line, with all that can be set of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, fields
from itertools import groupby
from typing import Any

from rich.table import Table

from encoders.training.recipes import EPOCHS, RecipeName
from streams.cli.console import out, table


def show_recipes() -> None:
    """Print them; recipes with the same settings share a table."""
    for kind, recipes in groupby(RecipeName, key=lambda one: one.settings):
        for recipe in recipes:
            out.print(f"{recipe}: {recipe.in_words}; epochs: {_epochs(recipe)}")
        out.print(_settings(kind))
        out.print()


def _epochs(recipe: RecipeName) -> str:
    return ", ".join(f"{count} of {modality}" for (name, modality), count in EPOCHS.items() if name is recipe)


def _settings(kind: type[Any]) -> Table:
    shown = table("  --set", "default", "what it is")
    words = dict(_documented(kind))
    for one in fields(kind):
        shown.add_row(f"  {one.name}", _default(one), words.get(one.name, ""))
    return shown


def _default(field: Field[Any]) -> str:
    """As it would be typed behind `--set NAME=`."""
    value = "" if field.default is MISSING else field.default
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _documented(kind: type[Any]) -> Iterator[tuple[str, str]]:
    """What a settings class says of its arguments, by name."""
    name, words = "", ""
    for line in (kind.__doc__ or "").partition("Args:")[2].strip().splitlines():
        start, colon, rest = line.strip().partition(": ")
        if colon and start.isidentifier():
            yield name, words
            name, words = start, rest
        else:
            words = f"{words} {line.strip()}"
    yield name, words
