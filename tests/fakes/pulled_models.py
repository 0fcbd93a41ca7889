"""Models in a store, as `matchstream models pull` leaves them."""

from __future__ import annotations

import shutil
from pathlib import Path

from encoders.models import Kind, Store
from encoders.models.store import FileRecord, Record, digest_of, write_record


def keep(
    store: Store,
    model: Path,
    name: str,
    revision: str,
    *,
    asked: str | None = None,
    kind: Kind = Kind.TEXT,
    pulled_at: float = 1.0,
) -> Path:
    """Copy a model's folder into a store, with the record of a pull; its folder there."""
    folder = Path(shutil.copytree(model, store.place(name, revision)))
    files = {path.name: FileRecord(path.stat().st_size, digest_of(path)) for path in sorted(folder.iterdir())}
    write_record(folder, Record(name, revision, asked, kind, "apache-2.0", pulled_at, files))
    return folder
