"""Who reads the topics: the stages, what workers of a generation that is not live read besides, and their groups."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from streams.settings import Settings

__all__ = ["REFETCH", "REFETCHES", "Aside", "StageName", "group_of"]

REFETCH: Final = "refetch"
"""Who reads the topic of that name: no stage, for what waits there is not behind, but with a group like one."""

REFETCHES: Final = 12
"""So often a photo is fetched again, each time after twice as long; a minute at first is two days and a half in all."""


class StageName(StrEnum):
    """The stages that read a topic, in the order of the flow."""

    EMBED = "embed"
    INDEX = "index"
    BLEND = "blend"
    MATCH = "match"
    JUDGE = "judge"
    GROUP = "group"


class Aside(StrEnum):
    """What workers of a generation that is not live read besides, each with a group like a stage's."""

    FOLLOW_MATCHES = "follow-matches"
    """What the live generation tells on `matches`."""
    FOLLOW_PRODUCTS = "follow-products"
    """What it tells on `products`."""
    COPY = "copy"
    """The embeddings of the generation that this one is made of."""


def group_of(settings: Settings, stage: StageName | Aside | str) -> str:
    """The consumer group of one stage, which is also its Faust app's id, of an `Aside`, or of `REFETCH`.

    A group per stage, because the members of one group must all read the same topics: workers that
    run different stages would otherwise hand each other partitions nobody reads.
    """
    reader = stage if stage == REFETCH or stage in tuple(Aside) else StageName(stage)
    return f"{settings.topic_prefix}{settings.generation}.{reader}"
