"""What `matchstream bundle show` prints of a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from rich.table import Table

from encoders.bundle import Bundle
from encoders.bundle.headers import parameters_in
from encoders.bundle.origins import facts_in_words, origins_of
from encoders.bundle.parts import EncoderPart, parts_of
from encoders.bundle.versions import other_versions
from encoders.bundle.wording import seen_in_words, size_in_words
from encoders.bundle.writing import lowest_format
from streams.cli.console import counted, out, printable, table
from streams.errors import SettingsError
from streams.matching.policy import Policy
from streams.matching.policy_words import policy_in_words

_DIGITS = 12
_NOT_HERE = "elsewhere"


def say(bundle: Bundle) -> None:
    """Print what encodes, how it matches, where it comes from and which files it has."""
    out.print(_about(bundle))
    out.print()
    out.print(_encoders(bundle))
    for lines in (list(seen_in_words(bundle).items()), list(_matching(bundle)), list(_origins(bundle))):
        if lines:
            out.print()
            out.print(_two_columns(lines))
    if bundle.files:
        out.print()
        out.print(_files(bundle))


def to_json(bundle: Bundle) -> dict[str, Any]:
    """The same as JSON, with every value in full."""
    return {
        "name": bundle.name,
        "path": str(bundle.path),
        "digest": bundle.digest,
        "format": lowest_format(bundle),
        "encoders": {modality.value: _part_as_json(part) for modality, part in parts_of(bundle).items()},
        "photos": bundle.photos,
        "captions": asdict(bundle.captions) if bundle.captions else None,
        "tags": asdict(bundle.tags) if bundle.tags else None,
        "matching": bundle.matching,
        "provenance": bundle.provenance,
        "other_versions": {name: {"made": then, "here": now} for name, (then, now) in other_versions(bundle).items()},
        "files": {name: {"digest": digest, "bytes": _size(bundle, name)} for name, digest in bundle.files.items()},
    }


def _part_as_json(part: EncoderPart) -> dict[str, Any]:
    return {
        "what": part.words,
        "dimensions": part.dimensions,
        "parameters": part.parameters,
        "bytes": part.size,
        "files": list(part.files),
        "identity": part.identity,
    }


def _about(bundle: Bundle) -> Table:
    size = sum(_size(bundle, name) for name in bundle.files)
    lines = [
        ("bundle", bundle.name),
        ("folder", str(bundle.path)),
        ("digest", bundle.digest[:_DIGITS]),
        ("format", str(lowest_format(bundle))),
        ("size", f"{size_in_words(size)} in {counted(len(bundle.files), 'file')} beside manifest.json"),
    ]
    return _two_columns(lines)


def _encoders(bundle: Bundle) -> Table:
    shown = table("encodes", "by", "row", "parameters", "size")
    for modality, part in parts_of(bundle).items():
        parameters = _NOT_HERE if part.parameters is None else f"{part.parameters:,}"
        size = size_in_words(part.size) if part.files else ""
        row = "sparse" if part.dimensions is None else str(part.dimensions)
        shown.add_row(modality.value, printable(part.words), row, parameters, size)
    return shown


def _matching(bundle: Bundle) -> Iterator[tuple[str, str]]:
    if not bundle.matching:
        yield "matches", "by the defaults; no thresholds were learned for it ('matchstream fit --label')"
        return
    try:
        policy = Policy.from_json(bundle.matching, f"bundle '{bundle.name}'")
    except SettingsError as error:
        yield "matches", f"not at all: {error}"
        return
    yield "matches", ""
    yield from ((f"  {what}", words) for what, words in policy_in_words(policy))


def _origins(bundle: Bundle) -> Iterator[tuple[str, str]]:
    for number, origin in enumerate(origins_of(bundle)):
        based = f"'{origin.name}', digest {origin.digest[:_DIGITS] or 'unknown'}"
        yield ("based on", based) if number else ("comes from", "" if origin.facts else "unknown")
        yield from ((f"  {what}", words) for what, words in facts_in_words(origin.facts))
    for library, (then, now) in other_versions(bundle).items():
        yield "but here", f"{library} {now}; it was made with {then}, so rows may differ"


def _files(bundle: Bundle) -> Table:
    shown = table("file", "size", "parameters", "digest")
    for name, digest in sorted(bundle.files.items()):
        count = parameters_in(bundle.path / name)
        shown.add_row(name, size_in_words(_size(bundle, name)), "" if count is None else f"{count:,}", digest[:_DIGITS])
    return shown


def _two_columns(lines: list[tuple[str, str]]) -> Table:
    shown = table("", "")
    shown.show_header = False
    for what, words in lines:
        shown.add_row(printable(what), printable(words))
    return shown


def _size(bundle: Bundle, name: str) -> int:
    return (bundle.path / name).stat().st_size
