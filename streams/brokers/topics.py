"""The topics matchstream owns, declared once: who writes them, who reads them, how long they keep.

All are keyed by listing id, so that one listing is always handled by one worker, in order. Public
topics are shared by every generation, and the live one alone tells there; the topics between two stages
belong to one generation, and so do its shadow topics, where it tells while it is not live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from streams.brokers.readers import REFETCH, REFETCHES, Aside, StageName, group_of
from streams.settings import Settings

__all__ = [
    "DEAD_LETTER_BYTES",
    "MESSAGE_BYTES",
    "REFETCH",
    "REFETCHES",
    "Aside",
    "StageName",
    "Topic",
    "Topics",
    "group_of",
]

MESSAGE_BYTES = 4 * 1024 * 1024
"""The largest message that topics take and producers send."""

DEAD_LETTER_BYTES = MESSAGE_BYTES + 64 * 1024
"""The same for what carries such a message and headers of ours: dead letters, photos that wait."""

_TOMBSTONES_LIVE = timedelta(days=7)
_MARKS_LIVE = timedelta(days=7)
_DEAD_LETTERS_LIVE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it should be on the brokers.

    Args:
        name: as Kafka knows it, prefix and generation included.
        partitions: how many; changing it later moves keys to other workers.
        compacted: whether the newest value of each key is kept for ever.
        configuration: further settings of the topic, by Kafka's names.
        carries: in words, what a record is.
        stage: who reads it inside matchstream, or None if nobody does.
    """

    name: str
    partitions: int
    compacted: bool
    configuration: Mapping[str, str]
    carries: str
    stage: StageName | None = None


@dataclass(frozen=True, slots=True)
class Topics:
    """Every topic of one generation."""

    settings: Settings

    @property
    def listings(self) -> Topic:
        """Where sellers publish."""
        listings = self._compacted(self._public("listings"), "sellers' listings; null withdraws one", StageName.EMBED)
        # Sellers' clocks disagree; the broker's say which of two events without a version is the newer.
        return replace(listings, configuration={**listings.configuration, "message.timestamp.type": "LogAppendTime"})

    @property
    def dead_letters(self) -> Topic:
        """Where messages go that can't be read, or that a stage fails on."""
        carries = "messages that could not be read or worked off: original bytes, headers say why and from where"
        letters = self._expiring(self._public("listings.dead-letters"), carries, _DEAD_LETTERS_LIVE)
        return replace(letters, configuration={**letters.configuration, "max.message.bytes": str(DEAD_LETTER_BYTES)})

    @property
    def refetch(self) -> Topic:
        """From embed to itself, some time later. Partition n holds what is tried for the n-th time, from 0 on.

        So all of a partition wait equally long, and the first one is due first.
        """
        carries = "listings whose photo could not be had for a while"
        photos = self._expiring(self._internal(REFETCH), carries, _MARKS_LIVE)
        configuration = {**photos.configuration, "max.message.bytes": str(DEAD_LETTER_BYTES)}
        return replace(photos, partitions=REFETCHES, configuration=configuration)

    @property
    def embeddings(self) -> Topic:
        """From embed to index."""
        return self._compacted(self._internal("embeddings"), "listings with their embeddings", StageName.INDEX)

    @property
    def reblend(self) -> Topic:
        """From index to blend."""
        return self._marks("reblend", "listings whose neighborhood changed", StageName.BLEND)

    @property
    def rematch(self) -> Topic:
        """From blend to match."""
        return self._marks("rematch", "listings whose candidates changed", StageName.MATCH)

    @property
    def judgements(self) -> Topic:
        """Where people's verdicts are published."""
        carries = "people's verdicts on pairs of listings; null takes one back"
        return self._compacted(self._public("judgements"), carries, StageName.JUDGE)

    @property
    def votes(self) -> Topic:
        """What each person said of a pair; judgements are made of them."""
        return self._compacted(self._public("votes"), "what each person said of a pair; null takes it back")

    @property
    def regroup(self) -> Topic:
        """From match, index and judge to group. One partition: a product spans keys, so one worker owns them all."""
        return replace(self._marks("regroup", "listings whose product may change", StageName.GROUP), partitions=1)

    @property
    def products(self) -> Topic:
        """Where price comparison reads."""
        return self._compacted(self._public("products"), "each product's listings and offers; null when it is gone")

    @property
    def matches(self) -> Topic:
        """Where subscribers read."""
        return self._compacted(self._public("matches"), "each listing's current matches; null when it is gone")

    @property
    def shadow_products(self) -> Topic:
        """What a generation that is not live would tell of products."""
        return self._compacted(self._internal("products"), "products as this generation sees them, while not live")

    @property
    def shadow_matches(self) -> Topic:
        """What a generation that is not live would tell."""
        return self._compacted(self._internal("matches"), "matches as this generation sees them, while not live")

    @property
    def shadow_dead_letters(self) -> Topic:
        """Where a generation that is not live lays messages aside."""
        letters = self.dead_letters
        carries = "messages that this generation could not read or work off, while not live"
        return replace(letters, name=self._internal("dead-letters"), carries=carries)

    @property
    def generations(self) -> Topic:
        """Which generations there are, and which is live. One partition: it is read from its beginning, in order."""
        carries = "the generations: how each was begun, and which is live"
        return replace(self._compacted(self._public("generations"), carries), partitions=1)

    def followed(self) -> Mapping[Aside, Topic]:
        """What a generation that is not live listens to."""
        return {Aside.FOLLOW_MATCHES: self.matches, Aside.FOLLOW_PRODUCTS: self.products}

    def internal(self) -> tuple[Topic, ...]:
        """Those that belong to this generation alone."""
        return tuple(topic for topic in self.declared() if topic.name.startswith(self._internal("")))

    def declared(self) -> tuple[Topic, ...]:
        """Every topic, in the order of the flow."""
        return (
            self.listings,
            self.refetch,
            self.embeddings,
            self.reblend,
            self.rematch,
            self.matches,
            self.judgements,
            self.votes,
            self.regroup,
            self.products,
            self.dead_letters,
            self.shadow_matches,
            self.shadow_products,
            self.shadow_dead_letters,
            self.generations,
        )

    def inputs(self) -> Mapping[StageName, Topic]:
        """The topic each stage reads, in the order of the flow."""
        return {topic.stage: topic for topic in self.declared() if topic.stage is not None}

    def __iter__(self) -> Iterator[Topic]:
        return iter(self.declared())

    def _public(self, name: str) -> str:
        return f"{self.settings.topic_prefix}{name}"

    def _internal(self, name: str) -> str:
        return f"{self.settings.topic_prefix}{self.settings.generation}.{name}"

    def _compacted(self, name: str, carries: str, stage: StageName | None = None) -> Topic:
        cleaning = {"cleanup.policy": "compact", "delete.retention.ms": _milliseconds(_TOMBSTONES_LIVE)}
        return self._topic(name, carries, stage, compacted=True, cleaning=cleaning)

    def _expiring(self, name: str, carries: str, after: timedelta, stage: StageName | None = None) -> Topic:
        cleaning = {"cleanup.policy": "delete", "retention.ms": _milliseconds(after)}
        return self._topic(name, carries, stage, compacted=False, cleaning=cleaning)

    def _marks(self, name: str, carries: str, stage: StageName) -> Topic:
        return self._expiring(self._internal(name), carries, _MARKS_LIVE, stage)

    def _topic(
        self, name: str, carries: str, stage: StageName | None, *, compacted: bool, cleaning: Mapping[str, str]
    ) -> Topic:
        common = {"max.message.bytes": str(MESSAGE_BYTES)}
        if self.settings.replication >= 3:  # noqa: PLR2004 - with fewer, one broker down would stop all writes
            common["min.insync.replicas"] = "2"
        return Topic(name, self.settings.partitions, compacted, {**cleaning, **common}, carries, stage)


def _milliseconds(span: timedelta) -> str:
    return str(int(span.total_seconds() * 1000))
