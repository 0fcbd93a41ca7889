"""Records of the topic `generations`: which there are, how each was begun, and which one is live.

A generation's record stands under its name, the one that says who is live under `LIVE_KEY`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

import orjson

from streams.events.clock import utc_now
from streams.events.refusals import not_ours

LIVE_KEY: Final = b"live"
_GENERATION: Final = b"generation:"
_WANTED: Final = "what matchstream writes there"
_REMEDY: Final = "let nobody else write into the topic"


class Source(StrEnum):
    """What a generation is filled from."""

    LISTINGS = "listings"
    """All that sellers published, embedded anew."""
    EMBEDDINGS = "embeddings"
    """The rows of another generation with the same encoders, and all that is published from then on."""


class Step(StrEnum):
    """How far a promotion is. Each step is written before what it says is done, so that it can be carried on with."""

    WITHDRAWING = "withdrawing"
    """Nobody is live: the one that was is told to tell nothing any more."""
    ANNOUNCED = "announced"
    """The new one is live and its workers are told so."""
    TAKING_OVER = "taking-over"
    """All its workers know; what differs from what subscribers know is told."""
    SETTLED = "settled"
    """Everything is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """How a generation was begun.

    Args:
        bundle: name or folder of its encoder bundle, as it was given.
        digest: of that bundle.
        encoders: of each encoded modality, the digest of all that its rows depend on.
        settings: those that differ from the environment's, by name, as text.
        source: what it is filled from.
        origin: the generation whose embeddings those are; empty when it is filled from listings.
        bounds: where the partitions of the origin's topic `embeddings` ended then, by number.
        begun_at: ISO 8601 in UTC.
    """

    name: str
    bundle: str
    digest: str
    encoders: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    source: Source = Source.LISTINGS
    origin: str = ""
    bounds: Mapping[int, int] = field(default_factory=dict)
    begun_at: str = field(default_factory=utc_now)

    @property
    def key(self) -> bytes:
        """Of its record."""
        return key_of(self.name)

    def to_bytes(self) -> bytes:
        """As the value of a record."""
        return orjson.dumps(asdict(self), option=orjson.OPT_NON_STR_KEYS)

    @classmethod
    def from_bytes(cls, key: bytes | None, value: bytes) -> Self:
        """Back from `to_bytes`; unknown fields are ignored.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        try:
            fields = orjson.loads(value)
            return cls(
                name=fields["name"],
                bundle=fields["bundle"],
                digest=fields["digest"],
                encoders=dict(fields["encoders"]),
                settings=dict(fields["settings"]),
                source=Source(fields["source"]),
                origin=fields["origin"],
                bounds={int(number): int(end) for number, end in fields["bounds"].items()},
                begun_at=fields["begun_at"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise not_ours("generation", key, error, wanted=_WANTED, remedy=_REMEDY) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """Which generation subscribers hear.

    Args:
        generation: its name; empty while one is exchanged for another and nobody tells anything.
        coming: the one that will be live next; empty unless `generation` is.
        previous: the one that was live before; empty if there was none, or it is gone.
        promotion: how often another one became live; 0 for the first.
        step: how far the last exchange is.
        back: whether that is a rollback: run again, it goes on and does not turn round.
        past: every generation that subscribers ever heard; their names are not given again, for what they told may
            still be in the public topics.
        at: when this was written, ISO 8601 in UTC.
    """

    generation: str
    coming: str = ""
    previous: str = ""
    promotion: int = 0
    step: Step = Step.SETTLED
    back: bool = False
    past: tuple[str, ...] = ()
    at: str = field(default_factory=utc_now)

    @property
    def heard(self) -> frozenset[str]:
        """Every generation that subscribers have heard or are about to hear."""
        return frozenset({*self.past, self.generation, self.coming}) - {""}

    @property
    def target(self) -> str:
        """The one that is live, or will be."""
        return self.generation or self.coming

    def to_bytes(self) -> bytes:
        """As the value of a record."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, value: bytes) -> Self:
        """Back from `to_bytes`; unknown fields are ignored.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        try:
            fields: Mapping[str, Any] = orjson.loads(value)
            return cls(
                generation=fields["generation"],
                coming=fields["coming"],
                previous=fields["previous"],
                promotion=int(fields["promotion"]),
                step=Step(fields["step"]),
                back=bool(fields["back"]),
                past=tuple(fields["past"]),
                at=fields["at"],
            )
        except (ValueError, KeyError, TypeError) as error:
            raise not_ours("the live generation", LIVE_KEY, error, wanted=_WANTED, remedy=_REMEDY) from error


@dataclass(frozen=True, slots=True)
class Roster:
    """All that the topic says.

    Args:
        generations: by name.
        live: None before the first worker ran.
    """

    generations: Mapping[str, Generation] = field(default_factory=dict)
    live: Live | None = None

    def after(self, key: bytes | None, value: bytes | None) -> Roster:
        """What it says after one more record.

        Raises:
            UnreadableEventError: somebody else wrote into the topic.
        """
        if key == LIVE_KEY:
            return Roster(self.generations, None if value is None else Live.from_bytes(value))
        name = (key or b"").removeprefix(_GENERATION).decode("utf-8", "replace")
        others = {one: generation for one, generation in self.generations.items() if one != name}
        if value is None:
            return Roster(others, self.live)
        return Roster({**others, name: Generation.from_bytes(key, value)}, self.live)

    def is_live(self, name: str) -> bool:
        """Whether subscribers hear that generation."""
        return self.live is not None and self.live.generation == name


def key_of(name: str) -> bytes:
    """The key of a generation's record."""
    return _GENERATION + name.encode()
