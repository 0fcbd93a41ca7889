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
from streams.settings import Settings

OLDEST_SERVER: Final = (1, 17)
"""Inserting without replacing came with it; an older server would ignore the word and replace."""

PAYLOAD_INDEXES: Final[Mapping[str, models.PayloadSchemaType]] = MappingProxyType(
    {
        "listing.category": models.PayloadSchemaType.KEYWORD,
        "listing.seller_id": models.PayloadSchemaType.KEYWORD,
        "radius": models.PayloadSchemaType.FLOAT,
    }
)

_BYTES: Final = models.ScalarQuantization(
    scalar=models.ScalarQuantizationConfig(type=models.ScalarType.INT8, always_ram=True)
)


@dataclass(frozen=True, slots=True)
class CollectionOptions:
    """How a collection is made when it does not exist; one that exists stays as it is.

    Args:
        replication: copies of each shard.
        shards: parts that the points are spread over.
        hnsw_m: edges per point in the graph that is searched; 0 is what the server takes by itself.
        hnsw_ef_construct: neighbors looked at while it is built; 0 likewise.
        on_disk: dense rows stay on disk, and come into memory as they are needed.
        int8: searches go by a byte a dimension, and what they find is scored by the rows themselves.
        payload_indexes: payload fields (as paths) to index, with their kind.
    """

    replication: int = 1
    shards: int = 1
    hnsw_m: int = 0
    hnsw_ef_construct: int = 0
    on_disk: bool = False
    int8: bool = False
    payload_indexes: Mapping[str, models.PayloadSchemaType] = field(default_factory=lambda: PAYLOAD_INDEXES)


def options_of(settings: Settings) -> CollectionOptions:
    """As settings say."""
    return CollectionOptions(
        replication=settings.qdrant_replication,
        shards=settings.qdrant_shards,
        hnsw_m=settings.qdrant_hnsw_m,
        hnsw_ef_construct=settings.qdrant_hnsw_ef_construct,
        on_disk=settings.qdrant_on_disk,
        int8=settings.qdrant_quantization == "int8",
    )


async def ensure_collection(
    client: AsyncQdrantClient, layout: Layout, options: CollectionOptions
) -> models.CollectionConfig:
    """Create the collection if it is missing, make sure that it is what this process needs, and tell what it is.

    Raises:
        IndexMismatchError: the server is too old, or the collection was made for other dimensions.
    """
    await _check_version(client)
    if not await client.collection_exists(layout.collection):
        await _create(client, layout, options)
    for name, schema in options.payload_indexes.items():
        await client.create_payload_index(layout.collection, name, field_schema=schema, wait=True)
    config = (await client.get_collection(layout.collection)).config
    layout.check_stored(_stored(config.params))
    return config


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
            vectors_config={name: _dense(size, options) for name, size in dense},
            sparse_vectors_config={name: models.SparseVectorParams() for name in layout.sparse_vectors()},
            shard_number=options.shards,
            replication_factor=options.replication,
            write_consistency_factor=options.replication // 2 + 1,
            hnsw_config=_graph(options),
            quantization_config=_BYTES if options.int8 else None,
        )
    except REFUSALS:
        # another worker that starts at the same moment may have been faster
        if not await client.collection_exists(layout.collection):
            raise


def _dense(size: int, options: CollectionOptions) -> models.VectorParams:
    return models.VectorParams(size=size, distance=models.Distance.DOT, on_disk=options.on_disk or None)


def _graph(options: CollectionOptions) -> models.HnswConfigDiff | None:
    """What differs from the server's own choice."""
    if not (options.hnsw_m or options.hnsw_ef_construct):
        return None
    return models.HnswConfigDiff(m=options.hnsw_m or None, ef_construct=options.hnsw_ef_construct or None)


def _stored(params: models.CollectionParams) -> dict[str, int]:
    """Length of the dense vectors by name; those of another similarity, or without a name, as 0."""
    vectors = params.vectors if isinstance(params.vectors, dict) else {}
    sizes = {name: vector.size for name, vector in vectors.items() if vector.distance is models.Distance.DOT}
    return {name: sizes.get(name, 0) for name in vectors}
