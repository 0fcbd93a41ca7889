"""Traces of listings through all stages, where somebody wants them: off, or told to a collector by OTLP.

The packages for it are an extra, and imported only when traces are on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from streams.errors import SettingsError
from streams.events import Message
from streams.settings import Settings
from streams.stages.attempts import Process
from streams.stages.dependencies import Outbox

__all__ = ["OFF", "Tracing", "tracing"]


class Tracing(Protocol):
    """Sits around what a process does with messages."""

    def over(self, stage: str, process: Process) -> Process:
        """The same stage, with a span for each listing in its batches."""

    def outbox(self, outbox: Outbox) -> Outbox:
        """The same outbox; its letters say which listing of the batch in hand they come of."""

    def published(self, message: Message) -> Message:
        """A listing's message as it is to be sent, with the beginning of its trace."""


class _Off:
    def over(self, stage: str, process: Process) -> Process:  # noqa: ARG002 - the port's signature
        return process

    def outbox(self, outbox: Outbox) -> Outbox:
        return outbox

    def published(self, message: Message) -> Message:
        return message


OFF: Final[Tracing] = _Off()
"""No traces: everything stays as it is."""


@contextmanager
def tracing(settings: Settings) -> Iterator[Tracing]:
    """Traces as the settings want them; what is not told yet is told at the end, within seconds.

    Raises:
        SettingsError: the packages for it are not installed.
    """
    if settings.traces == "off":
        yield OFF
        return
    try:
        from streams.telemetry.exporting import exported  # noqa: PLC0415 - an extra
        from streams.telemetry.spans import Traced  # noqa: PLC0415 - likewise
    except ModuleNotFoundError as error:
        raise SettingsError(
            "setting MATCHSTREAM_TRACES",
            got=f"'{settings.traces}' without the package '{error.name}'",
            wanted="the packages that traces need",
            remedy="pip install 'matchstream[trace]', or set it to 'off'",
        ) from error
    with exported() as provider:
        yield Traced(provider, settings.generation)
