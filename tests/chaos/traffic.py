"""What sellers and people publish: drawn from one seeded generator, so that a seed tells the whole log."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from chaos.images import MISSING
from chaos.light import DEADLY, RAISES
from streams.brokers.topics import Topics
from streams.events import Judgement, Message, Verdict

_SELLERS: Final = 5
_SECOND: Final = 2
_COLOURS: Final = ("red", "blue", "green", "black", "white", "grey")
_BROKEN: Final = (
    b'{"listing_id": ',
    b"\xff\xfe\x00",
    b'{"listing_id": "of another", "title": "x"}',
    b"[]",
    b'{"title": 3}',
)
_EXTRAS: Final = ("", "", "new", "boxed", "sale", "refurbished")


@dataclass
class Traffic:
    """A log of events, one after the other.

    Args:
        topics: where they go.
        listings: how many there are in the end, about; a few of them to a product.
        dice: what everything is drawn from.
        host: address of the image host; nothing has a photo without one.
        deadly: how many messages end the process that embeds them.
        kinds: what may happen, with how often.

    Attributes:
        sent: the last publication of each listing.
    """

    topics: Topics
    listings: int
    dice: random.Random
    host: str
    deadly: int = 0
    kinds: Kinds | None = None
    sent: dict[str, Message] = field(default_factory=dict)
    _said: dict[str, dict[str, Any]] = field(default_factory=dict)
    _versions: dict[str, int] = field(default_factory=dict)
    _number: int = 0

    def events(self, count: int) -> Iterator[Message]:
        """So many messages."""
        deadly = set(self.dice.sample(range(count // 10, count), self.deadly)) if self.deadly else set()
        kinds, weights = zip(*(self.kinds or MIXED), strict=True)
        for self._number in range(count):
            kind = _deadly if self._number in deadly else self.dice.choices(kinds, weights)[0]
            yield kind(self)

    @property
    def number(self) -> int:
        """Of the message that is made now."""
        return self._number

    def any_id(self) -> str:
        return f"l{self.dice.randrange(self.listings)}"

    def fields(self, listing_id: str) -> dict[str, Any]:
        """What a listing said last, or says first."""
        if listing_id not in self._said:
            thing = int(listing_id[1:]) // 4
            self._said[listing_id] = {
                "listing_id": listing_id,
                "seller_id": f"s{self.dice.randrange(_SELLERS)}",
                "title": self.title(thing),
                "image": self.image(thing),
                "price": self.price(),
                "currency": "EUR",
            }
        return self._said[listing_id]

    def title(self, thing: int) -> str:
        words = f"brand{thing % 97} thing{thing} {_COLOURS[thing % len(_COLOURS)]} {self.dice.choice(_EXTRAS)}"
        return words.strip()

    def image(self, thing: int) -> str | None:
        if not self.host:
            return None
        shot = self.dice.randrange(3)
        return self.dice.choice([f"{self.host}/thing{thing}/{shot}"] * 8 + [f"{self.host}/{MISSING}/{shot}", None])

    def price(self) -> str:
        return f"{self.dice.randrange(100, 99_999) / 100:.2f}"

    def publication(self, listing_id: str, **changes: object) -> Message:
        """The next version of a listing."""
        self._said[listing_id] = {**self.fields(listing_id), **changes}
        self._versions[listing_id] = self._versions.get(listing_id, 0) + 1
        said = {**self._said[listing_id], "version": self._versions[listing_id]}
        self.sent[listing_id] = self._listing(listing_id, said)
        return self.sent[listing_id]

    def again(self, listing_id: str, version: int, **changes: object) -> Message:
        """A version that was there before."""
        return self._listing(listing_id, {**self.fields(listing_id), **changes, "version": version})

    def withdrawal(self, listing_id: str) -> Message:
        self._versions[listing_id] = self._versions.get(listing_id, 0) + 1
        headers = {"version": str(self._versions[listing_id]).encode()}
        return Message(self.topics.listings.name, listing_id.encode(), None, headers=headers)

    def version(self, listing_id: str) -> int:
        return self._versions.get(listing_id, 0)

    def raw(self, key: str, value: bytes) -> Message:
        """A message that says whatever it says, with a header that has to come back with it."""
        headers = {"trace": f"poison {self._number}".encode()}
        return Message(self.topics.listings.name, key.encode(), value, headers=headers)

    def _listing(self, listing_id: str, value: dict[str, Any]) -> Message:
        return Message(self.topics.listings.name, listing_id.encode(), orjson.dumps(value))


def _creation_or_repeat(traffic: Traffic) -> Message:
    return traffic.publication(traffic.any_id())


def _price(traffic: Traffic) -> Message:
    return traffic.publication(traffic.any_id(), price=traffic.price())


def _title(traffic: Traffic) -> Message:
    one = traffic.any_id()
    return traffic.publication(one, title=traffic.title(int(one[1:]) // 4 + traffic.dice.choice([0, 0, 1])))


def _image(traffic: Traffic) -> Message:
    one = traffic.any_id()
    return traffic.publication(one, image=traffic.image(int(one[1:]) // 4))


def _stale(traffic: Traffic) -> Message:
    """An older version, with another title, after a newer one or after the withdrawal."""
    one = traffic.any_id()
    if traffic.version(one) < _SECOND:
        return traffic.publication(one)
    return traffic.again(one, traffic.dice.randrange(1, traffic.version(one)), title="as it was before")


def _repeat(traffic: Traffic) -> Message:
    """What a seller sends again who did not hear that it arrived."""
    one = traffic.any_id()
    return traffic.sent.get(one) or traffic.publication(one)


def _withdrawal(traffic: Traffic) -> Message:
    """Of a listing that is there, or not yet."""
    return traffic.withdrawal(traffic.any_id())


def _judgement(traffic: Traffic) -> Message:
    one = traffic.dice.randrange(traffic.listings - 1)
    other = min(one + traffic.dice.choice([1, 1, 2, 5]), traffic.listings - 1)
    if one == other:
        return _price(traffic)
    verdict = traffic.dice.choice([Verdict.SAME, Verdict.DIFFERENT, Verdict.DIFFERENT, Verdict.UNSURE, None])
    judgement = Judgement.on(f"l{one}", f"l{other}", verdict, by="somebody")
    return Message(traffic.topics.judgements.name, judgement.key, judgement.to_bytes())


def _unreadable(traffic: Traffic) -> Message:
    one = traffic.any_id()
    broken = [
        b'{"listing_id": ',
        b"\xff\xfe\x00",
        b'{"listing_id": "of another", "title": "x"}',
        b"[]",
        b'{"title": 3}',
    ]
    return traffic.raw(one, traffic.dice.choice(broken))


def _raising(traffic: Traffic) -> Message:
    """Under a key of its own: an older message would not be embedded if a newer one came in its batch."""
    return _hazard(traffic, RAISES)


def _deadly(traffic: Traffic) -> Message:
    return _hazard(traffic, DEADLY)


def _hazard(traffic: Traffic, kind: str) -> Message:
    one = f"{kind}-{traffic.number}"
    return traffic.raw(one, orjson.dumps({"listing_id": one, "title": f"{kind} {traffic.number}"}))


Kinds = Sequence[tuple[Callable[[Traffic], Message], float]]

MIXED: Final[Kinds] = (
    (_creation_or_repeat, 16),
    (_price, 60),
    (_title, 4),
    (_image, 3),
    (_stale, 5),
    (_repeat, 4),
    (_withdrawal, 3),
    (_judgement, 3),
    (_unreadable, 2),
    (_raising, 0.3),
)
"""Everything that sellers and people do, and what they should not."""

LIGHT: Final[Kinds] = ((_price, 990), (_creation_or_repeat, 6), (_title, 2), (_withdrawal, 2))
"""Mostly new prices, as on most days."""
