"""The file with what the page knows: one writer, and a reading connection for each thread."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from streams.brokers.several import Place
from streams.errors import StoreError
from streams.web.store.projection import Projection

_VERSION: Final = 2
"""Of the tables' form; a file of another one is begun anew."""
_BUSY_S: Final = 30.0
_OWN: Final = """
create table if not exists read_up_to (
    topic text not null, partition integer not null, next integer not null, at real not null,
    primary key (topic, partition)
) without rowid;
"""


class Store:
    """A SQLite file with the tables of some projections, and how far each topic was read into them.

    Args:
        path: of the file; its folder is made.
        projections: whose tables it holds.

    Raises:
        StoreError: the file can't be used.
    """

    def __init__(self, path: Path, projections: Sequence[Projection]) -> None:
        """Open it, and make what is missing."""
        self.path, self.projections = path, tuple(projections)
        self._local = threading.local()
        self._lock = threading.Lock()
        self._readers: list[sqlite3.Connection] = []
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(0o600)  # who judged what is nobody else's business; the files beside it follow this one
            self._writer = _connected(path)
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            remedy = "mend that, remove the file (it is filled again), or set MATCHSTREAM_WEB_PATH to another one"
            raise StoreError(f"file '{path}'", got=str(error), wanted="one of ours", remedy=remedy) from error

    @property
    def reading(self) -> sqlite3.Connection:
        """The reading connection of this thread; its rows are `sqlite3.Row`."""
        if not hasattr(self._local, "connection"):
            self._local.connection = _connected(self.path)
            self._local.connection.execute("pragma query_only = on")
            with self._lock:
                self._readers.append(self._local.connection)
        connection: sqlite3.Connection = self._local.connection
        return connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction; nothing of it remains if it fails."""
        with self._lock:
            self._writer.execute("begin immediate")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("rollback")
                raise
            self._writer.execute("commit")

    def places(self) -> dict[Place, int]:
        """The next offset to read of each partition."""
        rows = self.reading.execute("select topic, partition, next from read_up_to")
        return {(row["topic"], row["partition"]): row["next"] for row in rows}

    def read_at(self) -> float | None:
        """When something was last read into it, in seconds since 1970."""
        found: float | None = self.reading.execute("select max(at) from read_up_to").fetchone()[0]
        return found

    def nothing_new(self) -> None:
        """Say that all topics were read to their ends just now."""
        with self.writing() as connection:
            connection.execute("update read_up_to set at = ?", (time.time(),))

    def begin_anew(self) -> None:
        """Forget all but what the topics alone can't fill again."""
        kept = {"read_up_to", *(table for one in self.projections for table in one.kept)}
        with self.writing() as connection:
            names = [row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")]
            for name in names:
                if name not in kept and not name.startswith("sqlite_"):
                    connection.execute(f'drop table if exists "{name}"')
            connection.execute("delete from read_up_to")
        self._make_tables()

    def close(self) -> None:
        """Close all connections; nothing may be asked afterwards."""
        with self._lock:
            for connection in (*self._readers, self._writer):
                connection.close()

    def _prepare(self) -> None:
        [found] = self._writer.execute("pragma user_version").fetchone()
        if found not in (0, _VERSION):
            self.begin_anew()
        self._make_tables()
        self._writer.execute(f"pragma user_version = {_VERSION}")

    def _make_tables(self) -> None:
        self._writer.executescript(_OWN + "".join(one.schema for one in self.projections))


def mark_read(connection: sqlite3.Connection, places: Mapping[Place, int]) -> None:
    """Say in the same transaction how far the topics were read: the next offset of each partition."""
    now = time.time()
    connection.executemany(
        "insert or replace into read_up_to (topic, partition, next, at) values (?, ?, ?, ?)",
        [(topic, partition, offset, now) for (topic, partition), offset in places.items()],
    )


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = normal")  # what a power failure takes is read from the topics again
    connection.execute("pragma cache_size = -16000")  # KiB; two megabytes do not hold what browsing goes through
    return connection
