"""Searches of the embedded engine, in pieces, with hits whose payload is remembered where it can be."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final
from uuid import UUID

import qdrant_edge as engine

from streams.index.edge_calls import vector
from streams.index.layout import ID_FIELD, hits, score_floor, vector_name
from streams.index.pace import Pace
from streams.index.port import Hit, Query
from streams.index.remembered import REMEMBERED, Remembered

_FEWEST: Final = 4
_MOST: Final = 64
"""Queries in a piece: fewer at once are much slower each, more hardly faster."""

_STORED: Final = [ID_FIELD, *sorted(REMEMBERED)]


class EdgeSearch:
    """Searches one collection.

    Args:
        shard: the engine.
        remembered: what is known of its points; whoever writes lets it follow.
    """

    def __init__(self, shard: engine.EdgeShard, remembered: Remembered) -> None:
        self._shard, self._remembered = shard, remembered
        self._paces: dict[str, Pace] = {}

    def pieces(self, queries: Sequence[Query], fields: Collection[str]) -> Iterator[dict[int, list[Hit]]]:
        """Hits by the place of their query, some at a time.

        The engine compares what is searched in the same rows together, so these stand together in a piece.
        """
        by_vector: dict[str, list[int]] = {}
        for place, query in enumerate(queries):
            by_vector.setdefault(vector_name(query.view, query.modality), []).append(place)
        for name, places in by_vector.items():
            pace = self._paces.setdefault(name, Pace(_FEWEST, _MOST))
            for piece in pace.pieces(places):
                with pace.timed(len(piece)):
                    found = self._found([queries[place] for place in piece], fields)
                yield dict(zip(piece, found, strict=True))

    def find_out(self, numbers: Collection[int]) -> None:
        """Read what is to be remembered of points of which nothing is, if they exist."""
        if missing := self._remembered.missing(numbers):
            ids: list[engine.PointId] = [UUID(int=number) for number in missing]
            for record in self._shard.retrieve(ids, _STORED, with_vector=False):
                self._remembered.learn(record.payload or {}, _number(record))

    def _found(self, queries: Sequence[Query], fields: Collection[str]) -> list[list[Hit]]:
        if not REMEMBERED.issuperset(fields):
            answers = self._ask(queries, fields)
            return [hits(each, query.floor) for each, query in zip(answers, queries, strict=True)]
        answers = self._ask(queries, None)
        scored = [[(_number(one), one.score) for one in each] for each in answers]
        self.find_out({number for each in scored for number, _ in each})
        hit, names = self._remembered.hit, tuple(fields)
        return [
            [hit(number, score, names) for number, score in each if score >= query.floor]
            for each, query in zip(scored, queries, strict=True)
        ]

    def _ask(self, queries: Sequence[Query], fields: Collection[str] | None) -> list[list[engine.ScoredPoint]]:
        payload = False if fields is None else [ID_FIELD, *fields]
        requests = [
            engine.QueryRequest(
                limit=query.limit,
                query=engine.Query.Nearest(vector(query.row), using=vector_name(query.view, query.modality)),
                score_threshold=score_floor(query.floor),
                with_payload=payload,
            )
            for query in queries
        ]
        return self._shard.query_batch(engine.QueryBatchRequest(requests))


def _number(found: Any) -> int:
    """Of a record or a scored point; its id is a UUID, for there are no others here."""
    number: int = found.id.int
    return number
