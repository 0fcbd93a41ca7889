"""What an index that nobody else writes remembers of its points, so that hits need no payload of the engine.

An engine inside the process takes longer to hand over the payload of a hit than to find it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import orjson

from streams.index.layout import ID_FIELD, MODALITIES, plain
from streams.index.plan import CreatePoints, RemoveFields, SetFields, Step
from streams.index.port import Hit, Payload

REMEMBERED: Final = frozenset(MODALITIES.values())
"""The payload fields that are; hits with others are read."""


class Remembered:
    """Whose a point is and what its remembered fields say, by the number of its id.

    It learns what was read, and follows every write.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, bytes]] = {}
        self._said: dict[bytes, bytes] = {}

    def missing(self, numbers: Iterable[int]) -> list[int]:
        """Those of whom nothing is remembered."""
        return [number for number in numbers if number not in self._known]

    def learn(self, payload: Payload, number: int) -> None:
        """A point as it is stored: the field that tells whose it is, and all that are remembered."""
        said = orjson.dumps({name: value for name, value in plain(payload).items() if name in REMEMBERED})
        self._known[number] = payload[ID_FIELD], self._said.setdefault(said, said)

    def hit(self, number: int, similarity: float, fields: tuple[str, ...]) -> Hit:
        """A point that was found and is remembered, with some of the remembered fields.

        Hits that say the same share it.
        """
        listing_id, said = self._known[number]
        return Hit(listing_id, similarity, _part(said, fields))

    @contextmanager
    def following(self, step: Step) -> Iterator[None]:
        """Follow the step of a write that the block does on points that exist, or that it creates anew.

        If it fails, nobody knows how much of it was done, and everything is forgotten.
        """
        try:
            yield
        except BaseException:
            self._known.clear()
            raise
        match step:
            case CreatePoints(payloads):
                for point, payload in payloads.items():
                    self.learn(payload, number_of(point))
            case SetFields(point, payload):
                self._change([point], payload)
            case RemoveFields(points, fields):
                self._change(points, dict.fromkeys(fields))
            case _:
                pass  # rows are not remembered

    def _change(self, points: Collection[str], fields: Mapping[str, Any]) -> None:
        if REMEMBERED.isdisjoint(fields):
            return
        for number in map(number_of, points):
            if number in self._known:
                listing_id, said = self._known[number]
                self.learn({ID_FIELD: listing_id, **orjson.loads(said), **fields}, number)


@lru_cache(maxsize=1024)
def _part(said: bytes, fields: tuple[str, ...]) -> Payload:
    payload: dict[str, Any] = orjson.loads(said)
    return {name: payload[name] for name in fields if name in payload}


def number_of(point_id: str) -> int:
    """The number that a point's id is. The engine makes ids anew for every hit; numbers are quickly looked up."""
    return int(point_id.replace("-", ""), 16)
