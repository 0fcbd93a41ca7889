"""The web page without a broker: a store that is filled by hand, and that hears at once what the page says."""

from __future__ import annotations

import itertools
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient

from encoders.types import NOTHING_GENERATED, Generated
from streams.brokers.producer import Sent
from streams.brokers.topics import Topics
from streams.errors import IndexUnavailableError
from streams.events import Message
from streams.events.matches import Match, MatchEvent
from streams.events.offers import Offer, in_order
from streams.events.products import ProductEvent
from streams.images import ImageFetcher
from streams.settings import Settings
from streams.web.app import create_app
from streams.web.catalogue.photos import Photos
from streams.web.faces import PROJECTIONS
from streams.web.live.feed import Feed
from streams.web.living import Live
from streams.web.safety.sessions import Sessions
from streams.web.services import Services
from streams.web.store import Kind, Store

TOKEN = "a-token-for-tests"  # noqa: S105 - of no other page


@dataclass
class Shop:
    """A page with what it knows. `said` is what it published."""

    folder: Path
    overrides: Mapping[str, Any] = field(default_factory=dict)
    connected: bool = True
    caught_up: bool = True
    live: Live | None = None

    async def now(self) -> Live:
        """The generation that is live; nobody has its index open unless a test says so."""
        if self.live is None:
            remedy = "start one with 'matchstream worker'"
            raise IndexUnavailableError("index", got="no worker has it open", wanted="one", remedy=remedy)
        return self.live

    def __post_init__(self) -> None:
        values = {"web_token": TOKEN, "web_rate_per_minute": 0, "image_root": self.folder, **self.overrides}
        self.settings = Settings(_env_file=None, web_path=self.folder / "web.sqlite", **values)
        self.topics = Topics(self.settings)
        self.store = Store(self.settings.web_path, PROJECTIONS)
        self.feed = Feed()
        self.said: list[Message] = []
        self._offsets = itertools.count()
        sessions, photos = Sessions(self.settings), Photos(self.settings)
        images = ImageFetcher(self.settings)
        self.services = Services(self.settings, self.store, self.feed, self._say, sessions, self, photos, self, images)
        self.app: FastAPI = create_app(self.services)

    def client(self, *, may_write: bool = False) -> TestClient:
        """Asks the page as a program does."""
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Reviewer": "ann"} if may_write else {}
        return TestClient(self.app, base_url="http://127.0.0.1:8000", headers=headers, raise_server_exceptions=False)

    def hears(self, kind: Kind, *messages: Message) -> None:
        """Records come on a topic, and whoever watches is told."""
        with self.store.writing() as connection:
            for projection in self.store.projections:
                if kind in projection.applies:
                    projection.applies[kind](connection, messages)
        self.feed.tell({kind: messages})

    def lists(self, *listings: Mapping[str, Any], at_ms: int = 1_767_225_600_000) -> None:
        """Sellers publish listings."""
        records = [self.record(Kind.LISTINGS, str(one["listing_id"]), one, at_ms) for one in listings]
        self.hears(Kind.LISTINGS, *records)

    def tells_product(
        self, *listings: Mapping[str, Any], revision: int = 1, at: str = "2026-01-01T00:00:00Z", **more: Any
    ) -> None:
        """A product of these listings is told; `generated` has by listing id what models say of its photo."""
        seen: Mapping[str, Generated] = more.pop("generated", {})
        members = tuple(sorted(str(one["listing_id"]) for one in listings))
        by_id = {str(one["listing_id"]): one for one in listings}
        offers = in_order(Offer.of(name, one, seen.get(name, NOTHING_GENERATED)) for name, one in by_id.items())
        cause = more.pop("cause", "test")
        event = ProductEvent(members[0], revision, "g1", cause, members, offers, occurred_at=at, **more)
        self.hears(Kind.PRODUCTS, self.record(Kind.PRODUCTS, event.product_id, event.to_bytes()))

    def tells_matches(self, listing_id: str, *matches: Match, revision: int = 1, **more: Any) -> None:
        """The match list of a listing is told."""
        at = more.pop("occurred_at", "2026-01-01T00:00:00Z")
        event = MatchEvent(listing_id, revision, "g1", more.pop("cause", "test"), matches, occurred_at=at, **more)
        self.hears(Kind.MATCHES, self.record(Kind.MATCHES, listing_id, event.to_bytes()))

    def record(self, kind: Kind, key: str, value: Mapping[str, Any] | bytes | None, at_ms: int = 0) -> Message:
        """A record as the topic would hand it over."""
        data = value if isinstance(value, bytes | None) else orjson.dumps(value)
        return Message(kind.topic(self.topics), key.encode(), data, 0, next(self._offsets), at_ms or 1_767_225_600_000)

    async def _say(self, messages: Sequence[Message]) -> Sequence[Sent]:
        kinds = {kind.topic(self.topics): kind for kind in Kind}
        by_kind: defaultdict[Kind, list[Message]] = defaultdict(list)
        for message in messages:
            self.said.append(message)
            by_kind[kinds[message.topic]].append(message)
        for kind, some in by_kind.items():
            self.hears(kind, *some)
        return [Sent(message.topic, 0, next(self._offsets)) for message in messages]

    @contextmanager
    def served(self, port: int = 0) -> Iterator[str]:
        """The page on a port of its own, or on this one, for browsers; its address."""
        config = uvicorn.Config(self.app, port=port, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server ended before it had started: is its port taken?"
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            self.feed.close()
            server.should_exit = True
            thread.join(10)


def listing(listing_id: str, **fields: Any) -> dict[str, Any]:
    """A listing with what the page shows."""
    return {
        "listing_id": listing_id,
        "seller_id": f"seller-{listing_id[:1]}",
        "title": f"Title of {listing_id}",
        "price": "10.00",
        "currency": "EUR",
        "category": "Lamps",
        **fields,
    }
