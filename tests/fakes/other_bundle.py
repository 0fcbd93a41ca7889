"""A bundle that is another one's but for how it matches."""

from dataclasses import fields
from pathlib import Path

from encoders.bundle import Bundle, Manifest, read_bundle, write_bundle


def with_matching(bundle: str | Path, folder: Path, **matching: object) -> Bundle:
    """The same encoders, with other thresholds."""
    one = read_bundle(bundle)
    parts = {part.name: getattr(one, part.name) for part in fields(Manifest)}
    parts["matching"] = {**one.matching, **matching}
    return write_bundle(folder, Manifest(**parts), {name: one.file(name) for name in one.files})
