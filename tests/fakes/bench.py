"""One stage at a time on a bench: what it writes and sends is seen step by step, and may be cut off anywhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from copy import deepcopy
from dataclasses import replace

import orjson
from fakes.chaos import CrashError
from fakes.hash_encoder import HashEncoder
from fakes.image_source import FakeImages
from fakes.joined import with_joint
from fakes.memory_index import MemoryIndex

from encoders.joint import JointEncoder
from encoders.loading import derive_nothing
from encoders.types import Content, Encoded, Encoder
from streams.events import EmbeddingEvent, Mark, MatchEvent, Message
from streams.index import Change, Point, View
from streams.matching import Policy, Rules
from streams.stages import Channel, Dependencies, Letter, blend, embed, index, match
from streams.stages.contents import PLAIN, Looks
from streams.stages.refetch import refetch

POLICY = Policy.model_validate(
    {
        "weights": {"image": 1.0, "text": 1.0, "lexical": 1.0},
        "blend": {"neighbors": 2, "threshold": 0.55},
        "match_threshold": 0.7,
        "sure_thresholds": {"image": 0.95},
    }
)
OFF = POLICY.model_copy(update={"blend": POLICY.blend.model_copy(update={"neighbors": 0})})
"""Blending is off: what is compared is what was encoded."""

Action = Callable[[], Awaitable[object]]
Moment = Callable[[int, str, tuple[str, ...]], bool]
"""Whether something is to happen before a step: its number, its name, the listings it is for."""


class Bench:
    """Runs stages by hand over an index in memory.

    Args:
        policy: how listings are compared.
        encoder: what makes the rows.
        joint: what joins them, if anything does.
        looks: what of a listing is looked at.

    Attributes:
        steps: every step so far with the listings it was for: `read`, `search`, `write` and the phases of
            writes as the index announces them, `deliver` for each letter but those to products.
        for_products: the marks for the group stage.
    """

    def __init__(
        self,
        policy: Policy = POLICY,
        encoder: Encoder | None = None,
        joint: JointEncoder | None = None,
        looks: Looks = PLAIN,
    ) -> None:
        self.encoder, self.joint = encoder or HashEncoder(), joint
        self.images = FakeImages()
        self.index = MemoryIndex(with_joint(self.encoder.dimensions, joint), before=self._before)
        self.steps: list[tuple[str, tuple[str, ...]]] = []
        self.dependencies = Dependencies(
            self.index,
            self,
            Rules(policy),
            encode=self._encode,
            images=self.images,
            image_refetches=3,
            derive=joint.derive if joint else derive_nothing,
            looks=looks,
        )
        self.for_products: list[Letter] = []
        self._sent: list[list[Letter]] = [[]]
        self._planned: list[tuple[Moment, Action]] = []
        self._clock = 0

    def copy(self) -> Bench:
        """Another bench with the same index."""
        other = Bench(self.dependencies.policy, self.encoder, self.joint, self.dependencies.looks)
        other.index._stored = deepcopy(self.index._stored)
        other._clock = self._clock
        return other

    async def _encode(self, contents: Sequence[Content]) -> list[Encoded]:
        return self.encoder.encode(contents)

    async def deliver(self, letters: Sequence[Letter]) -> None:
        self.for_products += [letter for letter in letters if letter.channel is Channel.REGROUP]
        for letter in [letter for letter in letters if letter.channel is not Channel.REGROUP]:
            await self._step("deliver", ((letter.key or b"").decode("utf-8", "replace"),))
            self._sent[-1].append(letter)

    async def _before(self, step: str, changes: Sequence[Change]) -> None:
        await self._step(step, tuple(change.listing_id for change in changes))

    async def _step(self, step: str, listing_ids: tuple[str, ...]) -> None:
        self.steps.append((step, listing_ids))
        for plan in self._planned:
            moment, action = plan
            if moment(len(self.steps), step, listing_ids):
                self._planned.remove(plan)
                await action()
                return

    def before(self, step: str, action: Action, listing_id: str | None = None) -> None:
        """Do something in the moment before the next such step, once."""

        def moment(_number: int, name: str, listing_ids: tuple[str, ...]) -> bool:
            return name == step and (listing_id is None or listing_id in listing_ids)

        self._planned.append((moment, action))

    def before_step(self, number: int, action: Action) -> None:
        """Do something before the step of this number, counted from the next one as 1."""
        at = len(self.steps) + number
        self._planned.append((lambda now, _step, _ids: now == at, action))

    def crash_before(self, step: str, listing_id: str | None = None) -> None:
        """End the stage in the moment before the next such step, once."""
        self.before(step, crash, listing_id)

    def message(self, listing_id: str, value: dict | None = None, **fields: object) -> Message:
        """A message of `listings`, later than all before; without a value a withdrawal."""
        self._clock += 1
        data = None if value is None else orjson.dumps({"listing_id": listing_id, **value})
        return replace(Message("listings", listing_id.encode(), data, timestamp_ms=self._clock), **fields)

    async def embed(self, *messages: Message) -> list[Letter]:
        """Run the embed stage on a batch and return what it sent."""
        return await self._run(embed, messages)

    async def refetch(self, *asked: Letter) -> list[Letter]:
        """Run the refetch stage on a batch of what was asked for and return what it sent."""
        return await self._run(refetch, [Message("refetch", one.key, one.value, headers=one.headers) for one in asked])

    async def put(self, *messages: Message) -> list[Letter]:
        """Run embed and then index on a batch, and return what index sent."""
        embedded = await self.embed(*messages)
        return await self.apply(*[letter for letter in embedded if letter.channel is Channel.EMBEDDINGS])

    async def apply(self, *embedded: Letter) -> list[Letter]:
        """Run the index stage on a batch of what embed sent and return what it sent."""
        return await self._run(index, [Message("embeddings", letter.key, letter.value) for letter in embedded])

    async def blend(self, *listing_ids: str, cause: str = "") -> list[Letter]:
        """Run the blend stage on marks of these listings and return what it sent."""
        return await self._run(blend, _marks(listing_ids, cause))

    async def match(self, *listing_ids: str, cause: str = "") -> list[Letter]:
        """Run the match stage on marks of these listings and return what it sent."""
        return await self._run(match, _marks(listing_ids, cause))

    async def settle(self, *marks: Letter) -> None:
        """Run blend and match until no mark is left, beginning with these."""
        while marks:
            of = {channel: [key_of(one) for one in marks if one.channel is channel] for channel in Channel}
            blended = await self.blend(*of[Channel.REBLEND])
            marks = (*blended, *await self.match(*of[Channel.REMATCH]))

    async def publish(self, *messages: Message) -> None:
        """Take messages of `listings` through all stages, to the end."""
        await self.settle(*await self.put(*messages))

    async def _run(
        self, stage: Callable[[Sequence[Message], Dependencies], Awaitable[None]], batch: Sequence[Message]
    ) -> list[Letter]:
        self._sent.append([])
        try:
            if batch:
                await stage(batch, self.dependencies)
        except CrashError:
            sent = self._sent.pop()
            self._sent[-1].extend(sent)
            raise
        return self._sent.pop()

    @property
    def sent(self) -> list[Letter]:
        """What was sent by stages that died, and by whoever was given the dependencies by hand."""
        return self._sent[0]

    async def point(self, listing_id: str) -> Point:
        """A listing's point with all its rows."""
        return (await self.index.read([listing_id], views=list(View)))[listing_id]

    async def lists(self) -> dict[str, list[str]]:
        """The ids in the stored match lists."""
        return {
            p.listing_id: [one["listing_id"] for one in p.payload["matches"]]
            async for p in self.index.scan()
            if "matches" in p.payload
        }


async def crash() -> None:
    """The process dies here."""
    raise CrashError


def _marks(listing_ids: Sequence[str], cause: str) -> list[Message]:
    return [Message("marks", one.encode(), Mark(one, cause).to_bytes()) for one in listing_ids]


def key_of(letter: Letter) -> str:
    """Whom a letter is about."""
    return (letter.key or b"").decode()


def marked(letters: Sequence[Letter], channel: Channel) -> list[str]:
    """Who is marked in a channel, in alphabetical order, repeats included."""
    return sorted(key_of(letter) for letter in letters if letter.channel is channel)


def embedded(letters: Sequence[Letter]) -> list[EmbeddingEvent]:
    """What embed said about listings."""
    channel = Channel.EMBEDDINGS
    return [EmbeddingEvent.from_bytes(one.key, one.value) for one in letters if one.channel is channel]


def told(letters: Sequence[Letter]) -> list[MatchEvent]:
    """What subscribers were told."""
    return [MatchEvent.from_bytes(one.key, one.value) for one in letters if one.channel is Channel.MATCHES]
