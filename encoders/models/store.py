"""Models that were pulled: a folder each, with a record of what was pulled and of every file's digest."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

RECORD: Final = "model.json"
"""File of a pulled model's folder that says what it is; it is written last."""

_SHORT = 7
_PULLING = ".pulling"


class Kind(StrEnum):
    """What a model is for."""

    TEXT = "text"
    DUAL = "dual"
    CAPTIONS = "captions"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file as it was pulled.

    Args:
        size: in bytes.
        sha256: of its content, in hexadecimal digits.
    """

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Record:
    """What was pulled.

    Args:
        name: on the hub, or of a torchvision backbone.
        revision: the commit, all of it; of a backbone what torchvision puts into the file's name.
        asked: the revision that was asked for, as a branch or a tag; None if none was.
        kind: what it is for.
        licence: as its card states it; empty where it states none.
        pulled_at: seconds since 1970.
        files: name to what it was when it was pulled.
    """

    name: str
    revision: str
    asked: str | None
    kind: Kind
    licence: str
    pulled_at: float
    files: Mapping[str, FileRecord]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files.values())

    @property
    def short(self) -> str:
        """The revision as people write it."""
        return self.revision[:12]

    def is_of(self, revision: str | None) -> bool:
        """Whether it is what somebody means who names this revision, or none."""
        if revision is None or revision in {self.asked, self.revision}:
            return True
        return len(revision) >= _SHORT and self.revision.startswith(revision)


@dataclass(frozen=True, slots=True)
class Pulled:
    """A model that was pulled.

    Args:
        folder: where it is.
        record: what it was when it was pulled.
    """

    folder: Path
    record: Record

    def damage(self, *, thorough: bool) -> str | None:
        """What is wrong with the first file that is not as it was pulled.

        Args:
            thorough: read every file, rather than look at its size.
        """
        for name, wanted in self.record.files.items():
            path = self.folder / name
            try:
                if path.stat().st_size != wanted.size:
                    return f"'{name}' has {path.stat().st_size} bytes, not {wanted.size}"
                if thorough and digest_of(path) != wanted.sha256:
                    return f"'{name}' holds other bytes than were pulled"
            except OSError as error:
                return f"'{name}' can't be read ({error.strerror or error})"
        return None


_RECORD: TypeAdapter[Record] = TypeAdapter(Record)


class Store:
    """A folder of pulled models.

    Args:
        folder: need not be there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str, revision: str) -> Path:
        """The folder of a model."""
        return self.folder / f"{name.replace('/', '--')}@{revision}"

    def workshop(self, name: str, revision: str) -> Path:
        """The folder that a model is fetched to until it is whole."""
        return self.folder / _PULLING / self.place(name, revision).name

    def unfinished(self) -> list[str]:
        """Models that were begun and are not whole, as NAME@REVISION."""
        begun = self.folder / _PULLING
        folders = [path.name for path in begun.iterdir() if path.is_dir()] if begun.is_dir() else []
        return sorted(name.replace("--", "/") for name in folders)

    def models(self) -> list[Pulled]:
        """All that are there, by name, of each the one that was pulled last first."""
        folders = self.folder.glob(f"*@*/{RECORD}") if self.folder.is_dir() else ()
        found = [pulled for record in folders if (pulled := _read(record.parent))]
        return sorted(found, key=lambda one: (one.record.name, -one.record.pulled_at))

    def remove(self, name: str, revision: str | None) -> list[Record]:
        """Remove a model, all of its revisions unless one is named; what there was."""
        gone = [one for one in self.models() if one.record.name == name and one.record.is_of(revision)]
        for one in gone:
            shutil.rmtree(one.folder)
        return [one.record for one in gone]

    def discard(self, name: str, revision: str | None) -> list[str]:
        """Remove what was begun of a model and is not whole, as NAME@REVISION."""
        begun = [one for one in self.unfinished() if one.startswith(f"{name}@{revision or ''}")]
        for one in begun:
            shutil.rmtree(self.workshop(*one.split("@")))
        return begun

    def find(self, name: str, revision: str | None) -> Pulled | None:
        """The model of this name and revision; without a revision the one that was pulled last."""
        return next((one for one in self.models() if one.record.name == name and one.record.is_of(revision)), None)


def digest_of(path: Path) -> str:
    """A file's sha256, in hexadecimal digits."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def write_record(folder: Path, record: Record) -> Pulled:
    """Say in a model's folder what it is; an older record is replaced at once or not at all."""
    beside = folder / f".{RECORD}"
    beside.write_bytes(_RECORD.dump_json(record, indent=2) + b"\n")
    beside.replace(folder / RECORD)
    return Pulled(folder, record)


def _read(folder: Path) -> Pulled | None:
    """A folder with a record that can't be read was never pulled whole."""
    try:
        return Pulled(folder, _RECORD.validate_json((folder / RECORD).read_bytes()))
    except (OSError, ValidationError):
        return None


_process = Store(Path(".data/models"))


def keep_models_in(folder: Path) -> None:
    """Say where this process looks for pulled models; whoever starts one does so, before any model is asked for."""
    global _process  # noqa: PLW0603 - one place for a process, as torch and transformers have their caches
    _process = Store(folder)


def pulled_models() -> Store:
    """The models that were pulled to where this process looks for them."""
    return _process
