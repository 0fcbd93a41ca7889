"""What `matchstream models list` looks at and prints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import orjson

from encoders.bundle import Bundle, read_bundle, shipped_bundles
from encoders.errors import ModelMissingError
from encoders.models import pulled_models
from encoders.models.store import Record
from encoders.models.uses import Use, uses_of
from streams.cli.console import out, printable, table

_KILO = 1000


@dataclass(frozen=True, slots=True)
class Shown:
    """A pulled model as it is listed.

    Args:
        record: what it was when it was pulled.
        folder: where it is.
        damage: what is wrong with it now.
        bundles: names of bundles that need it.
    """

    record: Record
    folder: Path
    damage: str | None
    bundles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """Everything that is listed.

    Args:
        folder: where models are pulled to.
        pulled: the models in it.
        unfinished: those that were begun, as NAME@REVISION.
        elsewhere: what bundles need that is here but was not pulled, and where it is.
        missing: what bundles need that is not here.
    """

    folder: Path
    pulled: tuple[Shown, ...]
    unfinished: tuple[str, ...]
    elsewhere: Mapping[Use, str]
    missing: Mapping[Use, ModelMissingError]


def looked_at(bundles: Iterable[str], *, thorough: bool) -> Looked:
    """What was pulled, and what these bundles and those that ship need.

    Raises:
        BundleError: one of the bundles can't be read.
    """
    store = pulled_models()
    read = _read(bundles)
    uses = [use for bundle in read for use in uses_of(bundle)]
    pulled = tuple(
        Shown(one.record, one.folder, one.damage(thorough=thorough), _needing(one.record, uses))
        for one in store.models()
    )
    elsewhere: dict[Use, str] = {}
    missing: dict[Use, ModelMissingError] = {}
    for use in uses:
        error = use.missing()
        if error:
            missing[use] = error
        elif not any(use.is_of(one.record) for one in pulled):
            elsewhere[use] = use.source()
    return Looked(store.folder, pulled, tuple(store.unfinished()), elsewhere, missing)


def _read(names: Iterable[str]) -> list[Bundle]:
    """Each bundle once, whatever it is called by."""
    bundles = [read_bundle(name) for name in [*names, *shipped_bundles()]]
    return list({bundle.path.resolve(): bundle for bundle in bundles}.values())


def _needing(record: Record, uses: Iterable[Use]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(use.bundle for use in uses if use.is_of(record)))


def say(looked: Looked) -> None:
    """Tell it as a table, and what to do about what is missing."""
    if looked.pulled:
        rows = table("model", "revision", "kind", "size", "licence", "files", "needed by")
        for one in looked.pulled:
            rows.add_row(*map(printable, _cells(one)))
        out.print(rows)
    else:
        out.print(f"No model was pulled to '{looked.folder}'.")
    for use, source in looked.elsewhere.items():
        out.print(f"Bundle '{use.bundle}' has its {use.kind} model {printable(use.model)} from {source}.")
    for name in looked.unfinished:
        out.print(f"Not whole yet: {printable(name)}. Pull it again, and it goes on.")
    for use, error in looked.missing.items():
        told = f"Missing: bundle '{use.bundle}' needs the {use.kind} model {printable(use.model)}; {error.remedy}."
        out.print(told, style="yellow")
    damaged = [one.record.name for one in looked.pulled if one.damage]
    if damaged:
        out.print(f"Pull what is damaged again: matchstream models pull {damaged[0]}", style="yellow")


def _cells(one: Shown) -> tuple[str, ...]:
    record = one.record
    size, whole = in_bytes(record.size), one.damage or "whole"
    return record.name, record.short, record.kind, size, record.licence or "-", whole, ", ".join(one.bundles) or "-"


def as_json(looked: Looked) -> str:
    """The same as one line of JSON."""
    pulled = [
        {
            "name": one.record.name,
            "revision": one.record.revision,
            "kind": one.record.kind,
            "size": one.record.size,
            "licence": one.record.licence or None,
            "folder": str(one.folder),
            "damage": one.damage,
            "bundles": one.bundles,
        }
        for one in looked.pulled
    ]
    missing = [
        {
            "bundle": use.bundle,
            "kind": use.kind,
            "name": use.model,
            "revision": use.revision,
            "remedy": error.remedy,
        }
        for use, error in looked.missing.items()
    ]
    told = {"folder": str(looked.folder), "pulled": pulled, "unfinished": looked.unfinished, "missing": missing}
    return orjson.dumps(told).decode()


def in_bytes(size: int) -> str:
    """A size in words."""
    value, units = float(size), ["kB", "MB", "GB"]
    if value < _KILO:
        return f"{size} bytes"
    unit = ""
    while units and value >= _KILO:
        value, unit = value / _KILO, units.pop(0)
    return f"{value:.1f} {unit}"
