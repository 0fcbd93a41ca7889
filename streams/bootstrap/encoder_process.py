"""An encoder in a process of its own: an embedded index keeps the interpreter to itself for as long as it searches."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from logging.handlers import QueueHandler, QueueListener
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Final, Self

from encoders.errors import EncoderError
from encoders.types import Content, Encoded, Encoder

_ENDED: Final = 1
_log = logging.getLogger(__name__)


class EncoderProcess:
    """Encodes in a child process, one batch at a time, in the order in which they come.

    What it is given and gives back is pickled, between two processes of one program. It logs by way of this
    process, and ends with it, however that ends. A signal to all of a terminal's or a service's processes is
    for this one, which ends the other after the batch in hand.

    Args:
        load: loads the encoder, in the child; a function of a module, or a `partial` of one.
        gone: called when the child has ended by itself, as when the system kills it for its memory. It does not return:
            whatever was in the child's hands is then treated like what a whole worker died with.
    """

    def __init__(self, load: Callable[[], Encoder], gone: Callable[[], None] | None = None) -> None:
        """Start nothing yet."""
        self._load, self._gone = load, gone or _end_at_once
        self._stack = ExitStack()
        self._pool: ProcessPoolExecutor | None = None

    async def __aenter__(self) -> Self:
        """Return when the encoder is loaded.

        Raises:
            BundleError: as loading it does.
            ModelMissingError: likewise.
            EncoderError: likewise, or the child ended over it.
        """
        spawning = multiprocessing.get_context("spawn")
        records: Any = spawning.Queue()
        listener = QueueListener(records, _HereToo())
        listener.start()
        self._stack.callback(listener.stop)
        begin = (records, logging.getLogger().getEffectiveLevel())
        pool = ProcessPoolExecutor(1, mp_context=spawning, initializer=_begin, initargs=begin)
        self._pool = self._stack.enter_context(pool)
        try:
            await asyncio.get_running_loop().run_in_executor(pool, _load, self._load)
        except BrokenProcessPool as error:
            self._stack.close()
            raise EncoderError(
                "encoder: its process ended while it was loaded, a loaded one wanted; look for what ended it, as for "
                "a lack of memory, or unset MATCHSTREAM_ENCODER_PROCESS"
            ) from error
        except BaseException:
            self._stack.close()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let it finish the batch in hand, and end it."""
        self._stack.close()

    async def encode(self, contents: Sequence[Content]) -> tuple[list[Encoded], float]:
        """What `Encoder.encode` gives, and the seconds that it took.

        Raises:
            EncoderError: it raised this, or something else, which is told in words.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, _encode, list(contents))
        except BrokenProcessPool:
            self._gone()
            raise


def _end_at_once() -> None:
    _log.error("the encoder's process ended by itself; this worker ends, and the next one tries what was in hand alone")
    logging.shutdown()
    os._exit(_ENDED)


class _HereToo(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        logging.getLogger(record.name).handle(record)


# What follows runs in the child.

_loaded: list[Encoder] = []


def _begin(records: Any, level: int) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    root = logging.getLogger()
    root.addHandler(QueueHandler(records))
    root.setLevel(level)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(_ENDED)


def _load(load: Callable[[], Encoder]) -> None:
    _loaded.append(load())


def _encode(contents: Sequence[Content]) -> tuple[list[Encoded], float]:
    began = time.monotonic()
    try:
        found = _loaded[0].encode(contents)
    except EncoderError:
        raise
    except Exception as error:  # not every library's errors can be sent to another process
        raise EncoderError(f"{type(error).__name__}: {error}") from error
    return found, time.monotonic() - began
