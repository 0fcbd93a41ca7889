"""Files that a command writes whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

from streams.errors import SettingsError


def ensure_writable(output: Path) -> None:
    """Before the work, whether its result can be written.

    Raises:
        SettingsError: it can't.
    """
    if output.exists() and not output.is_file():
        raise _not_writable(output, "a folder" if output.is_dir() else "no file")
    if not os.access(output.parent, os.W_OK):
        raise _not_writable(output, "may not be written" if output.parent.is_dir() else f"no folder '{output.parent}'")


def write_whole(output: Path, content: bytes) -> None:
    """All of it or nothing: what was there stays until the new file is whole.

    Raises:
        SettingsError: it can't be written.
    """
    target = output.resolve()
    building = target.with_name(f".{target.name}.{uuid4().hex}")
    try:
        building.write_bytes(content)
        building.replace(target)
    except OSError as error:
        raise _not_writable(output, error.strerror or str(error)) from error
    finally:
        building.unlink(missing_ok=True)


def _not_writable(output: Path, got: str) -> SettingsError:
    return SettingsError(f"--output '{output}'", got=got, wanted="a file that can be written", remedy="name another")
