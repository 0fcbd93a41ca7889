"""A Qdrant server of the calls we make: real gRPC on loopback, with the client's in-memory mode behind it.

What it shows is that our calls survive the wire; what the real engine does with them, it can not show.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc
from qdrant_client import AsyncQdrantClient, models
from qdrant_client import grpc as wire
from qdrant_client.conversions.conversion import GrpcToRest, RestToGrpc
from qdrant_client.grpc.collections_service_pb2_grpc import CollectionsServicer, add_CollectionsServicer_to_server
from qdrant_client.grpc.points_service_pb2_grpc import PointsServicer, add_PointsServicer_to_server
from qdrant_client.grpc.qdrant_pb2_grpc import QdrantServicer, add_QdrantServicer_to_server
from qdrant_client.grpc.snapshots_service_pb2_grpc import SnapshotsServicer, add_SnapshotsServicer_to_server


class Snapshots(SnapshotsServicer):
    """Which collections were copied, and how long callers would have waited for each."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.waited_s: list[float] = []

    async def Create(self, request, context):  # noqa: N802  # the names are the protocol's
        self.made.append(request.collection_name)
        self.waited_s.append(context.time_remaining())
        name = f"{request.collection_name}-{len(self.made)}.snapshot"
        return wire.CreateSnapshotResponse(snapshot_description=wire.SnapshotDescription(name=name, size=1))


class QdrantServer(QdrantServicer, CollectionsServicer, PointsServicer):
    """The state of the server, and what tests change about it.

    Attributes:
        version: what it says it is.
        failing: fail every call of points with this code, as a server in trouble does.
        status: how writes end.
        created: requests to create a collection, as they came.
        indexed: payload fields that were indexed.
        orderings: write orderings asked for.
        searched: queries, as they came.
        snapshots: what was copied.
    """

    def __init__(self) -> None:
        self.version = "1.20.0"
        self.failing: grpc.StatusCode | None = None
        self.status = models.UpdateStatus.COMPLETED
        self.created: list[wire.CreateCollection] = []
        self.indexed: list[str] = []
        self.orderings: set[int] = set()
        self.searched: list[wire.QueryPoints] = []
        self.snapshots = Snapshots()
        self.port = 0
        self._metadata: dict[str, wire.UpdateCollection] = {}
        self._behind = AsyncQdrantClient(":memory:")

    def client(self, **options) -> AsyncQdrantClient:
        url = "http://127.0.0.1:1"  # nothing listens there: all must go over gRPC
        return AsyncQdrantClient(
            url=url, grpc_port=self.port, prefer_grpc=True, timeout=60, check_compatibility=False, **options
        )

    async def HealthCheck(self, _request, _context):  # noqa: N802  # the names are the protocol's, here and below
        return wire.HealthCheckReply(title="qdrant", version=self.version)

    async def CollectionExists(self, request, _context):  # noqa: N802
        exists = await self._behind.collection_exists(request.collection_name)
        return wire.CollectionExistsResponse(result=wire.CollectionExists(exists=exists))

    async def Create(self, request, context):  # noqa: N802
        if await self._behind.collection_exists(request.collection_name):
            await context.abort(
                grpc.StatusCode.ALREADY_EXISTS, f"Collection `{request.collection_name}` already exists!"
            )
        self.created.append(request)
        sparse = request.sparse_vectors_config.map
        await self._behind.create_collection(
            request.collection_name,
            vectors_config=GrpcToRest.convert_vectors_config(request.vectors_config),
            sparse_vectors_config={name: models.SparseVectorParams() for name in sparse},
        )
        return wire.CollectionOperationResponse(result=True)

    async def Delete(self, request, _context):  # noqa: N802
        deleted = await self._behind.delete_collection(request.collection_name)
        return wire.CollectionOperationResponse(result=deleted)

    async def Get(self, request, _context):  # noqa: N802
        """Both services have a call of this name: a collection's facts, or points by their ids."""
        if isinstance(request, wire.GetCollectionInfoRequest):
            params = (await self._behind.get_collection(request.collection_name)).config.params
            config = wire.CollectionConfig(
                params=wire.CollectionParams(vectors_config=RestToGrpc.convert_vectors_config(params.vectors)),
                hnsw_config=wire.HnswConfigDiff(m=16, ef_construct=100, full_scan_threshold=10_000),
                optimizer_config=wire.OptimizersConfigDiff(
                    deleted_threshold=0.2, vacuum_min_vector_number=1000, default_segment_number=0, flush_interval_sec=5
                ),
                wal_config=wire.WalConfigDiff(wal_capacity_mb=32, wal_segments_ahead=0),
            )
            for made in self.created:
                if made.collection_name == request.collection_name and made.HasField("quantization_config"):
                    config.quantization_config.CopyFrom(made.quantization_config)
            if request.collection_name in self._metadata:
                for name, value in self._metadata[request.collection_name].metadata.items():
                    config.metadata[name].CopyFrom(value)
            info = wire.CollectionInfo(status=wire.CollectionStatus.Green, segments_count=1, config=config)
            info.optimizer_status.ok = True
            return wire.GetCollectionInfoResponse(result=info)
        await self._fail(_context)
        records = await self._behind.retrieve(
            request.collection_name,
            [GrpcToRest.convert_point_id(point) for point in request.ids],
            with_payload=GrpcToRest.convert_with_payload_selector(request.with_payload),
            with_vectors=GrpcToRest.convert_with_vectors_selector(request.with_vectors),
        )
        return wire.GetResponse(result=[RestToGrpc.convert_record(record) for record in records])

    async def Update(self, request, _context):  # noqa: N802
        self._metadata[request.collection_name] = request
        return wire.CollectionOperationResponse(result=True)

    async def CreateFieldIndex(self, request, _context):  # noqa: N802
        self.indexed.append(request.field_name)
        return wire.PointsOperationResponse(result=self._result())

    async def UpdateAliases(self, request, _context):  # noqa: N802
        operations = [GrpcToRest.convert_alias_operations(operation) for operation in request.actions]
        await self._behind.update_collection_aliases(operations)
        return wire.CollectionOperationResponse(result=True)

    async def ListAliases(self, _request, _context):  # noqa: N802
        found = (await self._behind.get_aliases()).aliases
        return wire.ListAliasesResponse(aliases=[RestToGrpc.convert_alias_description(each) for each in found])

    async def UpdateBatch(self, request, context):  # noqa: N802
        await self._fail(context)
        self.orderings.add(request.ordering.type)
        assert request.wait
        operations = [GrpcToRest.convert_points_update_operation(operation) for operation in request.operations]
        await self._behind.batch_update_points(request.collection_name, operations)
        return wire.UpdateBatchResponse(result=[self._result() for _ in operations])

    async def QueryBatch(self, request, context):  # noqa: N802
        await self._fail(context)
        self.searched.extend(request.query_points)
        queries = [GrpcToRest.convert_query_points(query) for query in request.query_points]
        for query in queries:
            query.params = None  # the in-memory mode has none, and says so
        answers = await self._behind.query_batch_points(request.collection_name, queries)
        results = [[RestToGrpc.convert_scored_point(point) for point in answer.points] for answer in answers]
        return wire.QueryBatchResponse(result=[wire.BatchResult(result=result) for result in results])

    async def Scroll(self, request, context):  # noqa: N802
        await self._fail(context)
        records, offset = await self._behind.scroll(
            request.collection_name,
            offset=GrpcToRest.convert_point_id(request.offset) if request.HasField("offset") else None,
            limit=request.limit,
            with_payload=GrpcToRest.convert_with_payload_selector(request.with_payload),
            with_vectors=GrpcToRest.convert_with_vectors_selector(request.with_vectors),
        )
        return wire.ScrollResponse(
            result=[RestToGrpc.convert_record(record) for record in records],
            next_page_offset=None if offset is None else RestToGrpc.convert_extended_point_id(offset),
        )

    async def Count(self, request, context):  # noqa: N802
        await self._fail(context)
        count = await self._behind.count(request.collection_name)
        return wire.CountResponse(result=RestToGrpc.convert_count_result(count))

    def _result(self) -> wire.UpdateResult:
        return RestToGrpc.convert_update_result(models.UpdateResult(operation_id=1, status=self.status))

    async def _fail(self, context) -> None:
        if self.failing is not None:
            await context.abort(self.failing, "out of sorts\nand a second line")


@asynccontextmanager
async def qdrant_server() -> AsyncIterator[QdrantServer]:
    """A server on a free port of loopback, for as long as the block runs."""
    behind, server = QdrantServer(), grpc.aio.server()
    for add in (add_QdrantServicer_to_server, add_CollectionsServicer_to_server, add_PointsServicer_to_server):
        add(behind, server)
    add_SnapshotsServicer_to_server(behind.snapshots, server)
    behind.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield behind
    finally:
        await server.stop(grace=None)
