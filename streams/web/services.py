"""What the handlers of the page work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Request

from streams.brokers.producer import Sent
from streams.events import Message
from streams.settings import Settings
from streams.web.live.feed import Feed
from streams.web.safety.sessions import Sessions
from streams.web.store import Store


class Say(Protocol):
    """Publishes messages and returns when the store has them too, if it reads their topics."""

    async def __call__(self, messages: Sequence[Message]) -> Sequence[Sent]:
        """Where they lie now.

        Raises:
            BrokerUnavailableError: no broker answers.
        """


class Standing(Protocol):
    """How far the page is behind the topics."""

    @property
    def connected(self) -> bool:
        """Whether the broker answered when it was last asked."""

    @property
    def caught_up(self) -> bool:
        """Whether all has been read that was there at the start."""


@dataclass(frozen=True, slots=True)
class Services:
    """All that handlers may use; they find it by `Used`.

    Args:
        store: what the topics said.
        feed: what comes now, for whoever watches.
        say: publishes.
        sessions: who may write.
        standing: whether what the store says is up to date.
    """

    settings: Settings
    store: Store
    feed: Feed
    say: Say
    sessions: Sessions
    standing: Standing


def services_of(request: Request) -> Services:
    """Those of the application that answers this request."""
    found: Services = request.app.state.services
    return found


Used = Annotated[Services, Depends(services_of)]
