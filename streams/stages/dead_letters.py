"""What can't be read goes to the dead letters as it came; the rest of its batch goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from streams.errors import UnreadableEventError
from streams.events import Message
from streams.events.records import dead_letter_headers
from streams.stages.dependencies import Channel, Letter

_Event = TypeVar("_Event")


def read_or_lay_aside(
    messages: Iterable[Message], read: Callable[[Message], _Event]
) -> tuple[list[_Event], list[Letter]]:
    """The events of the messages that can be read, and a dead letter for each of the others."""
    events: list[_Event] = []
    dead: list[Letter] = []
    for message in messages:
        try:
            events.append(read(message))
        except UnreadableEventError as error:
            headers = dead_letter_headers(message, str(error))
            dead.append(Letter(Channel.DEAD_LETTERS, message.key, message.value, headers))
    return events, dead
