"""What the handlers of the page work with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends, Request

from streams.brokers.producer import Sent
from streams.events import Message
from streams.images import ImageSource
from streams.settings import Settings
from streams.web.catalogue.photos import Photos
from streams.web.live.feed import Feed
from streams.web.living import Live
from streams.web.safety.sessions import Sessions
from streams.web.safety.turns import Turns
from streams.web.store import Store


class Say(Protocol):
    """Publishes messages and returns when the store has them too, if it reads their topics."""

    async def __call__(self, messages: Sequence[Message]) -> Sequence[Sent]:
        """Where they lie now.

        Raises:
            BrokerUnavailableError: no broker answers.
        """


class Lives(Protocol):
    """Who knows which generation is live, see `streams.web.living.Living`."""

    async def now(self) -> Live:
        """What reads that generation.

        Raises:
            VectorIndexError: its index can't be opened.
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
        photos: of listings, made small.
        living: the index and the encoders, for what topics do not say.
        images: of the web, for photos that are named by their address.
        asking: room for those who search and explain, whose words one thread embeds.
        fetching: room for those among them whose photo has to be fetched; hosts may be slow.
    """

    settings: Settings
    store: Store
    feed: Feed
    say: Say
    sessions: Sessions
    standing: Standing
    photos: Photos
    living: Lives
    images: ImageSource
    asking: Turns = field(default_factory=lambda: Turns("searches", 32))
    fetching: Turns = field(default_factory=lambda: Turns("photos by their address", 8))


def services_of(request: Request) -> Services:
    """Those of the application that answers this request."""
    found: Services = request.app.state.services
    return found


Used = Annotated[Services, Depends(services_of)]
