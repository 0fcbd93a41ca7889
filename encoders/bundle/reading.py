"""Reading a bundle: what its manifest says, checked against its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Annotated

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from encoders.bundle.checking import check_manifest, check_shapes
from encoders.bundle.manifest import PARTS, Manifest
from encoders.errors import BundleError

SHIPPED = Path(__file__).parents[1] / "bundles"
"""Where the bundles are that come with the package."""

MANIFEST = "manifest.json"
FORMAT = 4
"""The newest that this version reads. Heads and joint rows came with 2, dual encoders, captions, tags and several
photos with 3, rows or encoders of other numbers than float32 and expected similarities with 4; whoever knows only what
was before would refuse them."""

_REWRITE = "make the bundle again with 'matchstream fit'"
_FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*$")]
_Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle(Manifest):
    """A manifest as read from its folder.

    Args:
        path: the folder.
        name: the folder's name.
        files: digest of each file beside the manifest, by its path inside the folder.
        digest: of the manifest and, through `files`, of every file; the same on every machine.
    """

    path: Path
    name: str
    files: Mapping[str, str]
    digest: str

    def file(self, name: str) -> Path:
        """Where one of the bundle's files is.

        Raises:
            BundleError: the bundle has no such file.
        """
        if name not in self.files:
            got = f"no file '{name}' (it has {', '.join(self.files) or 'none'})"
            raise BundleError(self.name, got, "the file its manifest names", _REWRITE)
        return self.path / name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document(Manifest):
    """`manifest.json` as it is written."""

    format: Annotated[int, Field(ge=1, le=FORMAT, strict=True)]
    files: Mapping[_FileName, _Digest]


_DOCUMENT = TypeAdapter(_Document)


def shipped_bundles() -> list[str]:
    """Names of the bundles that come with the package."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{MANIFEST}"))


def read_bundle(name_or_path: str | Path) -> Bundle:
    """Read a bundle and check that its files are the ones it was written with.

    Args:
        name_or_path: the name of a bundle that ships with the package, or else a folder.

    Raises:
        BundleError: there is none, or it is damaged, or a newer version wrote it.
    """
    folder = _folder(name_or_path)
    try:
        raw = (folder / MANIFEST).read_bytes()
    except OSError as error:
        known = ", ".join(shipped_bundles()) or "none"
        got = f"no {MANIFEST} in '{folder}'" if folder.is_dir() else f"no folder '{folder}'"
        remedy = f"give a folder that 'matchstream fit' or 'train' wrote, or the name of one that ships ({known})"
        raise BundleError(str(name_or_path), got, "a bundle", remedy) from error
    document = _parse(folder.name, raw)
    for name, digest in document.files.items():
        _check_file(folder, name, digest)
    check_shapes(folder.name, folder, document)
    parts = {part.name: getattr(document, part.name) for part in fields(Manifest)}
    digest = new_digest(raw).hexdigest()
    return Bundle(**parts, path=folder, name=folder.name, files=document.files, digest=digest)


def _folder(name_or_path: str | Path) -> Path:
    path = Path(name_or_path)
    if str(name_or_path) == path.name and (SHIPPED / path / MANIFEST).is_file():
        return SHIPPED / path
    return path.expanduser().resolve()


def _parse(bundle: str, raw: bytes) -> _Document:
    try:
        values = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BundleError(bundle, f"{MANIFEST} is not JSON ({error})", "a JSON object", _REWRITE) from error
    if not isinstance(values, dict):
        raise BundleError(bundle, f"{MANIFEST} holds a {type(values).__name__}", "a JSON object", _REWRITE)
    version = values.get("format")
    if isinstance(version, int) and version > FORMAT:
        raise BundleError(bundle, f"format {version}", f"format {FORMAT} or older", "update matchstream")
    try:
        document = _DOCUMENT.validate_python(values)
    except ValidationError as error:
        raise BundleError(bundle, _first_of(error), f"a manifest of format {FORMAT} or older", _REWRITE) from error
    check_manifest(bundle, document)
    missing = sorted(document.needed_files - set(document.files))
    if missing:
        raise BundleError(bundle, f"no file '{missing[0]}'", f"what {MANIFEST} names", _REWRITE)
    return document


def _first_of(error: ValidationError) -> str:
    """The first thing that is wrong, in words."""
    first = error.errors(include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "unexpected_keyword_argument" and len(first["loc"]) == 1:
        return f"'{where}' in {MANIFEST}, which is nothing known here ({', '.join(PARTS)})"
    return f"'{where}' in {MANIFEST}: {first['msg'][:1].lower()}{first['msg'][1:]}"


def _check_file(folder: Path, name: str, digest: str) -> None:
    try:
        with (folder / name).open("rb") as file:
            found = file_digest(file, new_digest).hexdigest()
    except OSError as error:
        raise BundleError(folder.name, f"file '{name}' can't be read ({error})", "every file", _REWRITE) from error
    if found != digest:
        got = f"file '{name}' has digest {found[:12]}"
        raise BundleError(folder.name, got, f"{digest[:12]}, as {MANIFEST} says,", "copy the bundle again")


def new_digest(data: bytes = b"") -> blake2b:
    """The digest that bundles are checked with, begun."""
    return blake2b(data, digest_size=32)
