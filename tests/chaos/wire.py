"""The index port in JSON, for one that lives in another process."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from streams.events.rows import embedding_from_json, embedding_to_json
from streams.index.port import Change, Hit, Page, Point, Query, View

Json = Mapping[str, Any]

_LENGTH_BYTES: Final = 4


async def read_frame(reader: asyncio.StreamReader) -> Any:
    """One JSON value.

    Raises:
        IncompleteReadError: the other end is gone.
    """
    length = int.from_bytes(await reader.readexactly(_LENGTH_BYTES), "big")
    return orjson.loads(await reader.readexactly(length))


async def write_frame(writer: asyncio.StreamWriter, value: object) -> None:
    body = orjson.dumps(value)
    writer.write(len(body).to_bytes(_LENGTH_BYTES, "big") + body)
    await writer.drain()


def point_to_json(point: Point) -> Json:
    views = {view.value: embedding_to_json(point.view(view)) for view in View if point.view(view)}
    return {"id": point.listing_id, "payload": point.payload, "views": views}


def point_from_json(value: Json) -> Point:
    views = {View(name): embedding_from_json(rows) for name, rows in value["views"].items()}
    return Point(value["id"], value["payload"], views.get(View.RAW, {}), views.get(View.BLENDED, {}))


def change_to_json(change: Change) -> Json:
    return {
        "id": change.listing_id,
        "record": change.record,
        "rows": {view.value: embedding_to_json(rows) for view, rows in change.rows.items()},
        "payload": change.payload,
        "forget": list(change.forget),
    }


def change_from_json(value: Json) -> Change:
    rows = {View(name): embedding_from_json(some) for name, some in value["rows"].items()}
    return Change(value["id"], value["record"], rows, value["payload"], tuple(value["forget"]))


def query_to_json(query: Query) -> Json:
    row = embedding_to_json({query.modality: query.row})
    return {"view": query.view.value, "row": row, "floor": query.floor, "limit": query.limit}


def query_from_json(value: Json) -> Query:
    ((modality, row),) = embedding_from_json(value["row"]).items()
    return Query(View(value["view"]), modality, row, value["floor"], value["limit"])


def hits_to_json(found: Sequence[Sequence[Hit]]) -> list[Any]:
    return [[[hit.listing_id, hit.similarity, hit.payload] for hit in some] for some in found]


def hits_from_json(value: Sequence[Any]) -> list[list[Hit]]:
    return [[Hit(*hit) for hit in some] for some in value]


def page_to_json(page: Page) -> Json:
    return {"points": [point_to_json(one) for one in page.points], "next": page.next}


def page_from_json(value: Json) -> Page:
    return Page([point_from_json(one) for one in value["points"]], value["next"])
