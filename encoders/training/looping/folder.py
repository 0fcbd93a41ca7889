"""The folder of a run: where everything is, whose it is, and how files get into it whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
from filelock import FileLock, Timeout
from safetensors import SafetensorError

from encoders.errors import TrainingError


class RunFolder:
    """What a run leaves on disk, so that it can go on and be looked at.

    Args:
        path: made when the run begins.
        plan: whatever decides the trained weights beside the course, as JSON values: recipe and its settings,
            digests of the data. A run only goes on with the plan that it was begun with.
        draws: whether curves are drawn, which takes longer than many a short run.
    """

    def __init__(self, path: Path, plan: Mapping[str, Any], *, draws: bool = True) -> None:
        self.path, self.draws = path, draws
        self.plan: Mapping[str, Any] = orjson.loads(orjson.dumps(dict(plan)))
        self.checkpoint = path / "checkpoint"
        self.logs = path / "tensorboard"
        self.metrics = path / "metrics.json"
        self.curves = path / "curves.png"

    def clear(self) -> None:
        """Forget the run, so that the next one begins anew; what else is in the folder stays.

        Raises:
            TrainingError: the run is going on in another process.
        """
        with self.held():
            for folder in (self.checkpoint, self.logs):
                shutil.rmtree(folder, ignore_errors=True)
            for file in (self.metrics, self.curves):
                file.unlink(missing_ok=True)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other processes out.

        Raises:
            TrainingError: one of them has it, or the folder can't be made.
        """
        with writing(self.path):
            self.path.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path / ".lock", timeout=0):
                yield
        except Timeout:
            got, wanted = "another process trains in it", "one at a time"
            raise TrainingError(
                f"run folder '{self.path}'", got, wanted, "wait for it or choose another folder"
            ) from None


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Say which file it was that could not be written.

    Raises:
        TrainingError: the disk is full, or the place can't be written to.
    """
    try:
        yield
    except (OSError, SafetensorError) as error:
        remedy = "make room or write access, then run the same command: it goes on from the last checkpoint"
        raise TrainingError(f"file '{path}'", f"not written ({error})", "room on the disk", remedy) from error


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path whose file takes the place of `path` once it is whole and on the disk.

    A reader, and a process started after a crash, find the old file or the new one.

    Raises:
        TrainingError: it can't be written; the old file is still there.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            yield temporary
            _flush(temporary)
            temporary.replace(path)
            _flush(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
