"""A generation's collection on a Qdrant server, and the alias that readers know it by."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from qdrant_client import AsyncQdrantClient, models

from streams.errors import IndexMismatchError
from streams.index.layout import Layout
from streams.index.server_errors import REFUSALS

OLDEST_SERVER: Final = (1, 17)
"""Inserting without replacing came with it; an older server would ignore the word and replace."""

PAYLOAD_INDEXES: Final[Mapping[str, models.PayloadSchemaType]] = MappingProxyType(
    {
        "listing.category": models.PayloadSchemaType.KEYWORD,
        "listing.seller_id": models.PayloadSchemaType.KEYWORD,
        "radius": models.PayloadSchemaType.FLOAT,
    }
)


@dataclass(frozen=True, slots=True)
class CollectionOptions:
    """How a collection is made when it does not exist; one that exists stays as it is.

    Args:
        replication: copies of each shard.
        shards: parts that the points are spread over.
        payload_indexes: payload fields (as paths) to index, with their kind.
    """

    replication: int = 1
    shards: int = 1
    payload_indexes: Mapping[str, models.PayloadSchemaType] = field(default_factory=lambda: PAYLOAD_INDEXES)


async def ensure_collection(client: AsyncQdrantClient, layout: Layout, options: CollectionOptions) -> None:
    """Create the collection if it is missing, and make sure that it is what this process needs.

    Raises:
        IndexMismatchError: the server is too old, or the collection was made for other dimensions.
    """
    await _check_version(client)
    if not await client.collection_exists(layout.collection):
        await _create(client, layout, options)
    for name, schema in options.payload_indexes.items():
        await client.create_payload_index(layout.collection, name, field_schema=schema, wait=True)
    params = (await client.get_collection(layout.collection)).config.params
    layout.check_stored(_stored(params))


async def read_alias(client: AsyncQdrantClient, alias: str) -> str | None:
    """The collection an alias stands for, or None."""
    found = (await client.get_aliases()).aliases
    return next((each.collection_name for each in found if each.alias_name == alias), None)


async def move_alias(client: AsyncQdrantClient, alias: str, collection: str) -> None:
    """Let an alias stand for another collection, in one step for everybody who reads through it."""
    operations: list[models.AliasOperations] = [
        models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=collection, alias_name=alias))
    ]
    if await read_alias(client, alias) is not None:
        operations.insert(0, models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=alias)))
    await client.update_collection_aliases(operations)


async def _check_version(client: AsyncQdrantClient) -> None:
    version = (await client.info()).version
    numbers = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if numbers < OLDEST_SERVER:
        wanted = ".".join(map(str, OLDEST_SERVER))
        raise IndexMismatchError(
            "Qdrant server", got=f"version {version}", wanted=f"{wanted} or newer", remedy="upgrade the server"
        )


async def _create(client: AsyncQdrantClient, layout: Layout, options: CollectionOptions) -> None:
    dense = layout.dense_vectors().items()
    try:
        await client.create_collection(
            layout.collection,
            vectors_config={n: models.VectorParams(size=d, distance=models.Distance.DOT) for n, d in dense},
            sparse_vectors_config={name: models.SparseVectorParams() for name in layout.sparse_vectors()},
            shard_number=options.shards,
            replication_factor=options.replication,
            write_consistency_factor=options.replication // 2 + 1,
        )
    except REFUSALS:
        # another worker that starts at the same moment may have been faster
        if not await client.collection_exists(layout.collection):
            raise


def _stored(params: models.CollectionParams) -> dict[str, int]:
    """Length of the dense vectors by name; those of another similarity, or without a name, as 0."""
    vectors = params.vectors if isinstance(params.vectors, dict) else {}
    sizes = {name: vector.size for name, vector in vectors.items() if vector.distance is models.Distance.DOT}
    return {name: sizes.get(name, 0) for name in vectors}
