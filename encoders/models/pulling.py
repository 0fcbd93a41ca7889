"""Fetching a model: the one place that does, and only because somebody asked. It is kept whole or not at all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha1
from pathlib import Path

import orjson
from filelock import FileLock, Timeout

from encoders.errors import PullError
from encoders.models.backbones import Published
from encoders.models.choosing import CONFIG, RemoteFile, kind_of, needed
from encoders.models.hub import MAIN, Hub, Repository
from encoders.models.plain import fetch, size_at
from encoders.models.store import FileRecord, Kind, Pulled, Record, Store, digest_of, write_record

Report = Callable[[int, int], None]
"""Is told how many bytes are here, and of how many."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it.

    Args:
        pulled: the model.
        fetched: bytes that came over the network; none where it was here already.
    """

    pulled: Pulled
    fetched: int


class _Meter:
    """How far all files are, from how far each of them is."""

    def __init__(self, total: int, report: Report) -> None:
        self._total, self._report = total, report
        self._here: dict[str, int] = {}
        self._before: dict[str, int] = {}

    def __call__(self, name: str, here: int) -> None:
        self._before.setdefault(name, here)
        self._here[name] = here
        self._report(sum(self._here.values()), self._total)

    @property
    def fetched(self) -> int:
        return sum(self._here.values()) - sum(self._before.values())


def pull(name: str, revision: str | None, store: Store, hub: Hub, report: Report) -> Outcome:
    """Fetch what of a hub's repository is needed, at the commit that the revision names now.

    Args:
        name: of the repository.
        revision: a branch, a tag or a commit; None is the branch main.
        store: where to.
        hub: where from.
        report: is told how far it is.

    Raises:
        PullError: it can't be had, is nothing that can be used, or came as other bytes than the hub says.
    """
    repository = hub.look(name, revision)
    files = needed(name, repository.files, repository.conversion)
    known = _known(store, name, repository.commit, revision or MAIN)
    if known:
        return Outcome(known, 0)
    with _workshop(store, name, repository.commit) as folder:
        kind = _kind(repository, files, hub, folder)
        meter = _Meter(sum(file.size for file in files), report)
        _check_room(name, folder, files)
        records = {file.name: _fetched(repository, file, hub, folder, meter) for file in files}
        record = Record(name, repository.commit, revision or MAIN, kind, repository.licence, time.time(), records)
        return Outcome(_keep(store, folder, record), meter.fetched)


def pull_backbone(published: Published, store: Store, report: Report) -> Outcome:
    """Fetch the weights that torchvision publishes for a backbone.

    Args:
        published: where they are.
        store: where to.
        report: is told how far it is.

    Raises:
        PullError: they can't be had, or came as other bytes than their name says.
    """
    name, revision, licence = published.backbone, published.revision, published.licence
    known = _known(store, name, revision, None)
    if known:
        return Outcome(known, 0)
    size = size_at(name, published.url)
    with _workshop(store, name, revision) as folder:
        path = folder / published.file
        meter = _Meter(size, report)
        _check_room(name, folder, [RemoteFile(published.file, size)])
        meter(published.file, path.stat().st_size if path.exists() else 0)
        fetch(name, published.url, path, lambda here: meter(published.file, here))
        digest = digest_of(path)
        if not digest.startswith(revision):
            raise _changed(name, published.file, folder)
        files = {published.file: FileRecord(path.stat().st_size, digest)}
        record = Record(name, revision, None, Kind.IMAGE, licence, time.time(), files)
        return Outcome(_keep(store, folder, record), meter.fetched)


def _known(store: Store, name: str, revision: str, asked: str | None) -> Pulled | None:
    """The model if it is here and every byte of it as it was; it is then the one that was asked for last."""
    known = store.find(name, revision)
    if known is None or known.damage(thorough=True):
        return None
    return write_record(known.folder, replace(known.record, asked=asked, pulled_at=time.time()))


def _kind(repository: Repository, files: Iterable[RemoteFile], hub: Hub, folder: Path) -> Kind:
    """From its configuration, which is fetched before all that is large."""
    [config] = [file for file in files if file.name == CONFIG]
    path = hub.fetch(repository, config, folder, lambda _name, _here: None)
    try:
        return kind_of(repository.name, orjson.loads(path.read_bytes()))
    except (PullError, orjson.JSONDecodeError) as error:
        shutil.rmtree(folder)
        if isinstance(error, PullError):
            raise
        got = f"a {CONFIG} that is no JSON ({error})"
        raise PullError(repository.name, got, "a model for transformers", "choose another repository") from error


def _fetched(repository: Repository, file: RemoteFile, hub: Hub, folder: Path, meter: _Meter) -> FileRecord:
    path = hub.fetch(repository, file, folder, meter)
    digest = digest_of(path)
    if path.stat().st_size != file.size or file.sha256 not in {None, digest} or file.blob not in {None, _blob(path)}:
        raise _changed(repository.name, file.name, folder)
    return FileRecord(file.size, digest)


def _blob(path: Path) -> str:
    """Git's name for a file's content; the hub knows small files by it."""
    content = path.read_bytes()
    return sha1(b"blob %d\0%s" % (len(content), content), usedforsecurity=False).hexdigest()


def _changed(model: str, file: str, folder: Path) -> PullError:
    shutil.rmtree(folder)
    remedy = "nothing of it was kept: pull it again, and if it stays so look for what changes files on the way"
    return PullError(model, f"'{file}' came as other bytes", "those that were published", remedy)


def _check_room(model: str, folder: Path, files: Iterable[RemoteFile]) -> None:
    here = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    missing = sum(file.size for file in files) - here
    free = shutil.disk_usage(folder).free
    if missing > free:
        got, wanted = f"{free / 1e6:,.0f} MB free in '{folder.parent.parent}'", f"{missing / 1e6:,.0f} MB"
        raise PullError(model, got, wanted, "make room, or set MATCHSTREAM_MODELS_PATH to a folder that has it")


@contextmanager
def _workshop(store: Store, name: str, revision: str) -> Iterator[Path]:
    """The folder that one process at a time fetches to; what was fetched before an interruption is in it."""
    folder = store.workshop(name, revision)
    lock = Path(f"{folder}.lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(lock, timeout=0):
            try:
                yield folder
            finally:
                lock.unlink(missing_ok=True)
    except Timeout as error:
        raise PullError(name, "another process is pulling it", "one at a time", "wait for that one") from error
    except OSError as error:
        got = f"'{folder}' can't be written ({error.strerror or error})"
        raise PullError(name, got, "a folder for it", "check MATCHSTREAM_MODELS_PATH") from error


def _keep(store: Store, folder: Path, record: Record) -> Pulled:
    """What is whole takes its place at once; what the hub's library noted of its downloads goes."""
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    write_record(folder, record)
    place = store.place(record.name, record.revision)
    if place.exists():
        shutil.rmtree(place)  # it was damaged, or it would have been taken
    folder.replace(place)
    return Pulled(place, record)
