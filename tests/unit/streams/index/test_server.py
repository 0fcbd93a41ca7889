"""The index on a server: making the collection, and telling what went wrong."""

import asyncio
from collections.abc import AsyncIterator

import grpc
import pytest
from qdrant_client import grpc as wire
from qdrant_client import models

from encoders.types import Modality
from streams.errors import IndexMismatchError, IndexRefusedError, IndexUnavailableError, VectorIndexError
from streams.index import Change, Query, View
from streams.index.server import ServerIndex
from streams.index.server_collection import CollectionOptions, move_alias, read_alias
from tests.fakes.qdrant_server import QdrantServer, qdrant_server
from tests.fakes.rows import axis

DIMENSIONS = {Modality.TEXT: 8}


@pytest.fixture
async def server() -> AsyncIterator[QdrantServer]:
    async with qdrant_server() as running:
        yield running


async def open_index(server: QdrantServer, collection: str = "g1", **options) -> ServerIndex:
    return await ServerIndex.open(server.client(), collection, DIMENSIONS, server="Qdrant at 'here'", **options)


async def test_a_collection_is_made_as_the_options_say(server: QdrantServer):
    await open_index(server, options=CollectionOptions(replication=3, shards=4))
    (made,) = server.created
    assert (made.replication_factor, made.write_consistency_factor, made.shard_number) == (3, 2, 4)
    assert {params.distance for params in made.vectors_config.params_map.map.values()} == {wire.Distance.Dot}
    assert set(made.sparse_vectors_config.map) == {"lexical_raw", "lexical_blended"}
    assert server.indexed == ["listing.category", "listing.seller_id", "radius"]


async def test_the_server_chooses_what_options_leave_open(server: QdrantServer):
    await open_index(server)
    (made,) = server.created
    assert not made.HasField("hnsw_config")
    assert not made.HasField("quantization_config")
    assert not any(params.HasField("on_disk") for params in made.vectors_config.params_map.map.values())


async def test_the_graph_is_as_the_options_say(server: QdrantServer):
    await open_index(server, options=CollectionOptions(hnsw_m=32))
    (made,) = server.created
    assert (made.hnsw_config.m, made.hnsw_config.HasField("ef_construct")) == (32, False)


@pytest.mark.parametrize("int8", [False, True])
async def test_what_rows_of_bytes_find_is_scored_by_the_rows_themselves(server: QdrantServer, int8):
    await (await open_index(server, options=CollectionOptions(int8=int8))).close()
    index = await open_index(server)
    await index.search([Query(View.RAW, Modality.TEXT, axis(8, 0), 0.5, 7)])
    (made,), (asked,) = server.created, server.searched
    assert made.quantization_config.HasField("scalar") == int8
    assert (asked.params.quantization.rescore, asked.params.quantization.oversampling > 1) == (int8, int8)
    assert asked.limit == 7


async def test_workers_that_start_at_the_same_moment_share_one_collection(server: QdrantServer):
    indexes = await asyncio.gather(*(open_index(server) for _ in range(5)))
    await indexes[0].write([Change("a")])
    assert [await index.count() for index in indexes] == [1] * 5
    assert len(server.created) == 1


async def test_other_dimensions_are_refused(server: QdrantServer):
    await open_index(server)
    with pytest.raises(IndexMismatchError, match=r"'g1': text_blended 8, text_raw 8, .* 16 wanted; run 'matchstream"):
        await ServerIndex.open(server.client(), "g1", {Modality.TEXT: 16})


async def test_a_collection_of_another_similarity_is_refused(server: QdrantServer):
    cosine = models.VectorParams(size=8, distance=models.Distance.COSINE)
    await server.client().create_collection("g1", {"text_raw": cosine, "text_blended": cosine})
    with pytest.raises(IndexMismatchError, match="text_blended 0, text_raw 0"):
        await open_index(server)


async def test_a_server_too_old_to_insert_without_replacing_is_refused(server: QdrantServer):
    server.version = "1.16.3"
    with pytest.raises(IndexMismatchError, match=r"version 1\.16\.3, 1\.17 or newer wanted; upgrade"):
        await open_index(server)
    assert server.created == []


async def test_writes_go_through_a_leader(server: QdrantServer):
    index = await open_index(server)
    await index.write([Change("a", payload={"x": 1})])
    assert server.orderings == {wire.WriteOrderingType.Medium}


@pytest.mark.parametrize(
    ("code", "error", "words"),
    [
        (grpc.StatusCode.UNAVAILABLE, IndexUnavailableError, "start one with 'docker compose up -d qdrant'"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, IndexUnavailableError, "a Qdrant server that answers"),
        (grpc.StatusCode.INTERNAL, IndexUnavailableError, "INTERNAL: out of sorts, "),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, IndexUnavailableError, "out of sorts"),
        (grpc.StatusCode.UNAUTHENTICATED, VectorIndexError, "access wanted; set MATCHSTREAM_QDRANT_API_KEY"),
        (grpc.StatusCode.INVALID_ARGUMENT, IndexRefusedError, "the call to be accepted"),
        (grpc.StatusCode.NOT_FOUND, IndexMismatchError, "the collection and its points"),
    ],
)
async def test_what_the_server_says_is_told_as_our_error(server: QdrantServer, code, error, words):
    index = await open_index(server)
    server.failing = code
    calls = [index.read(["a"]), index.write([Change("a")]), index.count(), anext(index.scan())]
    for call in calls:
        with pytest.raises(error) as caught:
            await call
        assert type(caught.value) is error
        assert str(caught.value).startswith("Qdrant at 'here': ")
        assert words in str(caught.value)
        assert "second line" not in str(caught.value)


async def test_a_write_that_was_not_waited_for_is_not_taken_for_done(server: QdrantServer):
    index = await open_index(server)
    server.status = models.UpdateStatus.WAIT_TIMEOUT
    with pytest.raises(IndexUnavailableError, match="wait_timeout"):
        await index.write([Change("a")])


async def test_an_alias_moves_from_one_collection_to_another(server: QdrantServer):
    await open_index(server, "g1")
    await open_index(server, "g2")
    client = server.client()
    assert await read_alias(client, "live") is None
    await move_alias(client, "live", "g1")
    await move_alias(client, "live", "g2")
    assert await read_alias(client, "live") == "g2"
