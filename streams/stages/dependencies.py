"""What the stages are given: where to write, where to send, and how to look at listings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Protocol

from encoders.loading import Derive, derive_nothing
from encoders.types import Content, Encoded
from streams.errors import ImageFetchError
from streams.events import Mark
from streams.index.port import Index
from streams.matching import Policy, Rules
from streams.stages.contents import PLAIN, Looks
from streams.stages.observer import SILENT, Observer


class Channel(StrEnum):
    """Where a stage sends; each is one topic of the generation or a public one."""

    EMBEDDINGS = "embeddings"
    REBLEND = "reblend"
    REMATCH = "rematch"
    MATCHES = "matches"
    REGROUP = "regroup"
    PRODUCTS = "products"
    REFETCH = "refetch"
    DEAD_LETTERS = "dead_letters"
    SHADOW_MATCHES = "shadow_matches"
    SHADOW_PRODUCTS = "shadow_products"


class Audience(StrEnum):
    """Whom a generation tells."""

    PUBLIC = "public"
    """Subscribers: the generation is live."""
    SHADOW = "shadow"
    """Whoever compares it with the live one."""

    @property
    def matches(self) -> Channel:
        """Where match lists are told."""
        return Channel.MATCHES if self is Audience.PUBLIC else Channel.SHADOW_MATCHES

    @property
    def products(self) -> Channel:
        """Where products are told."""
        return Channel.PRODUCTS if self is Audience.PUBLIC else Channel.SHADOW_PRODUCTS


@dataclass(frozen=True, slots=True)
class Letter:
    """One record to send.

    Args:
        partition: where to; None for the one of its key.
    """

    channel: Channel
    key: bytes | None
    value: bytes | None
    headers: Mapping[str, bytes | None] = field(default_factory=dict)
    partition: int | None = None

    @classmethod
    def mark(cls, channel: Channel, mark: Mark) -> Letter:
        """A mark, under the key of the listing it marks."""
        return cls(channel, mark.listing_id.encode(), mark.to_bytes())


class Outbox(Protocol):
    """Sends records."""

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """Send them all and return when the broker has every one.

        Raises:
            BrokerUnavailableError: it does not have them all; none may be counted on.
        """


class ImageSource(Protocol):
    """Gets image files."""

    async def fetch_all(self, references: Sequence[str]) -> list[bytes | ImageFetchError]:
        """The bytes of each image, in order, or why it can't be had."""


Encode = Callable[[Sequence[Content]], Awaitable[list[Encoded]]]
"""An encoder's `encode` that does not block the event loop."""


REVISIONS: Final = 1_000_000
"""So many are left for each promotion; numbers in JSON are exact for billions of promotions."""


def _always_public() -> Audience:
    return Audience.PUBLIC


def _never_exchanged() -> int:
    return 0


async def _no_encoder(contents: Sequence[Content]) -> list[Encoded]:
    raise AssertionError(f"a worker without the embed stage was asked to encode {len(contents)} contents")


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything the stages of one worker use.

    Args:
        index: where points live.
        outbox: where records go.
        rules: how listings are compared and decided on.
        generation: named in match events.
        search_limit: candidates asked for per listing and modality.
        product_limit: listings in one product at most.
        encode: the encoder, for the embed stage.
        looks: what of a listing is looked at.
        derive: what derives further rows from the encoded ones, for the index stage.
        images: where the embed stage gets image files; None where the bundle looks at none.
        image_refetches: so often one that could not be had for a while is fetched again later.
        audience: whom the generation tells now; asked once for each batch.
        promotion: how often another generation became live so far; likewise.
        observer: who counts what is done.
    """

    index: Index
    outbox: Outbox
    rules: Rules
    generation: str = "g1"
    search_limit: int = 256
    product_limit: int = 200
    encode: Encode = _no_encoder
    looks: Looks = PLAIN
    derive: Derive = derive_nothing
    images: ImageSource | None = None
    image_refetches: int = 0
    audience: Callable[[], Audience] = _always_public
    promotion: Callable[[], int] = _never_exchanged
    observer: Observer = SILENT

    @property
    def unheard(self) -> int:
        """The revision before the first one of what subscribers have not heard of, as far as the topics still know.

        They may have, long ago, from another generation: once a tombstone is compacted away, nobody knows how far its
        revisions were. Each promotion begins beyond all that were given before it.
        """
        return self.promotion() * REVISIONS

    @property
    def policy(self) -> Policy:
        """The numbers in the rules."""
        return self.rules.policy
