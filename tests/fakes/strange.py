"""Events as they should not come, but do: stale, doubled, ahead of their time, under another's key."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson
from fakes.flow import LISTINGS, Flow

from streams.events import Message
from streams.events.listings import MAX_NESTING

AHEAD_MS = 50
"""How far a clock may be ahead of the others: the log catches up with it."""


@dataclass(frozen=True)
class Scene:
    """Where something strange happens.

    Args:
        sent: all that was sent before.
        listing_id: whom it happens to.
        fields: what a publication of it says.
    """

    flow: Flow
    sent: Sequence[Message]
    listing_id: str
    fields: dict[str, object]

    @property
    def dice(self) -> random.Random:
        return self.flow.chaos.random

    @property
    def number(self) -> int:
        """The version that is next."""
        return len(self.sent) + 1

    def publish(self, version: int | None, **message: object) -> Message:
        fields = self.fields if version is None else {**self.fields, "version": version}
        return self.flow.publish(self.listing_id, fields, **message)

    def withdraw(self, version: int | None, **message: object) -> Message:
        headers = {} if version is None else {"version": str(version).encode()}
        return self.flow.publish(self.listing_id, None, headers=headers, **message)

    def any_time(self) -> int:
        """As a clock tells it that agrees with no other."""
        return self.dice.randrange(1, self.flow.clock + AHEAD_MS)


def strange_event(scene: Scene) -> Message:
    """Something of the kinds below, which is on its way already."""
    return scene.dice.choice(KINDS)(scene)


def old_version(scene: Scene) -> Message:
    return scene.publish(scene.dice.randrange(scene.number))


def version_that_jumps(scene: Scene) -> Message:
    return scene.publish(scene.number + scene.dice.choice([2, 10, 10**12]))


def version_twice(scene: Scene) -> Message:
    """Two contents under one number: the same one of them counts everywhere."""
    versions = [orjson.loads(one.value).get("version") for one in _of(scene) if one.value]
    return scene.publish(scene.dice.choice(versions) if versions else scene.number)


def no_version(scene: Scene) -> Message:
    return scene.publish(None)


def clock_that_disagrees(scene: Scene) -> Message:
    version = scene.number if scene.dice.random() < 0.5 else None
    return scene.publish(version, timestamp_ms=scene.any_time())


def withdrawal_before_the_listing(scene: Scene) -> Message:
    return scene.withdraw(scene.number + scene.dice.randrange(1, 10))


def withdrawal_by_another_clock(scene: Scene) -> Message:
    return scene.withdraw(None, timestamp_ms=scene.any_time())


def withdrawn_and_sent_again(scene: Scene) -> Message:
    """What was withdrawn comes once more as it was: it stays withdrawn."""
    before = [one for one in _of(scene) if one.value]
    withdrawal = scene.withdraw(None)
    if before:
        scene.flow.enqueue(scene.dice.choice(before))
    return withdrawal


def under_another_s_key(scene: Scene) -> Message:
    """One listing under two keys would have two owners: it goes to the dead letters."""
    fields = {**scene.fields, "listing_id": f"{scene.listing_id} of another", "version": scene.number}
    return scene.flow.publish(scene.listing_id, fields)


def unreadable(scene: Scene) -> Message:
    deep: list[object] = []
    for _ in range(MAX_NESTING):
        deep = [deep]
    broken = scene.dice.choice([{"extra": deep}, {"extra": 2**63}, {"title": "x" * 5_001}, {"version": -1}])
    return scene.flow.publish(scene.listing_id, {**scene.fields, **broken})


def withdrawal_that_says_no_version(scene: Scene) -> Message:
    return scene.flow.publish(scene.listing_id, None, headers={"version": b"the last one"})


def _of(scene: Scene) -> list[Message]:
    return [one for one in scene.sent if one.topic == LISTINGS and one.key == scene.listing_id.encode()]


KINDS: Sequence[Callable[[Scene], Message]] = (
    old_version,
    version_that_jumps,
    version_twice,
    no_version,
    clock_that_disagrees,
    withdrawal_before_the_listing,
    withdrawal_by_another_clock,
    withdrawn_and_sent_again,
    under_another_s_key,
    unreadable,
    withdrawal_that_says_no_version,
)
