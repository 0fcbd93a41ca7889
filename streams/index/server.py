"""The index on a Qdrant server, shared by every worker of a generation.

Writes are acknowledged by every replica that is up (one that fails to is taken out of service by the
server before it answers), so a read of any one replica sees them. They are ordered through a leader
that is alive: each stored value has one writer, so nothing is gained from waiting for one particular
leader to come back, and the workers go on when a node is lost.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from math import ceil
from typing import Final, Self

from qdrant_client import AsyncQdrantClient, models

from encoders.types import Modality
from streams.errors import IndexRefusedError, SettingsError
from streams.index.layout import Layout, hits, payload_wanted, point_id
from streams.index.plan import steps
from streams.index.port import Change, Hit, Page, Point, Query, View, points_of
from streams.index.server_calls import operation, request
from streams.index.server_collection import CollectionOptions, ensure_collection
from streams.index.server_errors import told, unavailable
from streams.redaction import without_login
from streams.settings import Settings

_ORDERING: Final = models.WriteOrdering.MEDIUM


def connect(settings: Settings, timeout_s: float | None = None) -> AsyncQdrantClient:
    """A client for the server that settings name. It talks gRPC, and only once it is asked something.

    Args:
        settings: which server, and how long a call may take.
        timeout_s: for calls that may take longer than that.

    Raises:
        SettingsError: the server's address can't be read.
    """
    key = settings.qdrant_api_key
    try:
        return AsyncQdrantClient(
            url=settings.qdrant_url,
            grpc_port=settings.qdrant_grpc_port,
            prefer_grpc=True,
            api_key=key.get_secret_value() if key else None,
            timeout=ceil(timeout_s or settings.qdrant_timeout_s),
            check_compatibility=False,  # would block on REST here; `ensure_collection` asks for the version
        )
    except ValueError as error:
        raise SettingsError(
            "setting MATCHSTREAM_QDRANT_URL",
            got=repr(without_login(settings.qdrant_url)),
            wanted="http://host:port or https://host:port",
            remedy="mend it in the environment or in .env",
        ) from error


def address(settings: Settings) -> str:
    """What messages call that server."""
    return f"Qdrant at '{without_login(settings.qdrant_url)}' (gRPC port {settings.qdrant_grpc_port})"


class ServerIndex:
    """The `Index` of one collection on a server. Make one with `open`."""

    def __init__(self, client: AsyncQdrantClient, layout: Layout, server: str, *, quantized: bool = False) -> None:
        self.round_trips = 0
        self._client, self._layout, self._server, self._quantized = client, layout, server, quantized

    @classmethod
    async def open(
        cls,
        client: AsyncQdrantClient,
        collection: str,
        dimensions: Mapping[Modality, int],
        *,
        server: str = "Qdrant",
        options: CollectionOptions | None = None,
    ) -> Self:
        """Open a collection, or create it. The client is the index's own from now on.

        Args:
            client: see `connect`.
            collection: its name.
            dimensions: length of the rows of each dense modality.
            server: what messages call the server.
            options: how to make the collection if it is missing.

        Raises:
            IndexUnavailableError: the server does not answer.
            IndexMismatchError: the collection was made for other dimensions, or the server is too old.
            VectorIndexError: the server refuses.
        """
        layout = Layout(collection, dimensions)
        with told(server):
            config = await ensure_collection(client, layout, options or CollectionOptions())
        return cls(client, layout, server, quantized=config.quantization_config is not None)

    async def read(
        self, listing_ids: Collection[str], views: Collection[View] = (), fields: Collection[str] | None = None
    ) -> dict[str, Point]:
        """See `Index.read`."""
        if not listing_ids:
            return {}
        self.round_trips += 1
        ids = [point_id(listing_id) for listing_id in dict.fromkeys(listing_ids)]
        names = self._layout.vector_names(views)
        with told(self._server):
            records = await self._client.retrieve(
                self._layout.collection, ids, with_payload=payload_wanted(fields), with_vectors=names
            )
        points = map(self._layout.point, records)
        return {point.listing_id: point for point in points}

    async def search(self, queries: Sequence[Query], fields: Collection[str] = ()) -> list[list[Hit]]:
        """See `Index.search`."""
        self._layout.check_queries(queries)
        if not queries:
            return []
        self.round_trips += 1
        requests = [request(query, fields, quantized=self._quantized) for query in queries]
        with told(self._server):
            answers = await self._client.query_batch_points(self._layout.collection, requests)
        return [hits(answer.points, query.floor) for answer, query in zip(answers, queries, strict=True)]

    async def write(self, changes: Sequence[Change]) -> None:
        """See `Index.write`."""
        self._layout.check_changes(changes)
        if not changes:
            return
        self.round_trips += 1
        operations = [operation(step) for step in steps(self._layout, changes)]
        with told(self._server):
            results = await self._client.batch_update_points(
                self._layout.collection, operations, wait=True, ordering=_ORDERING
            )
        if unfinished := {str(r.status) for r in results if r.status is not models.UpdateStatus.COMPLETED}:
            raise unavailable(self._server, f"a write that ended as {', '.join(sorted(unfinished))}")

    async def page(self, start: str | None = None, size: int = 256, views: Collection[View] = ()) -> Page:
        """See `Index.page`."""
        self.round_trips += 1
        names = self._layout.vector_names(views)
        with told(self._server):
            records, after = await self._client.scroll(
                self._layout.collection, offset=start, limit=size, with_payload=True, with_vectors=names
            )
        return Page([self._layout.point(record) for record in records], None if after is None else str(after))

    def scan(self, views: Collection[View] = (), page_size: int = 256) -> AsyncIterator[Point]:
        """See `Index.scan`."""
        return points_of(self, views, page_size)

    async def count(self) -> int:
        """See `Index.count`."""
        self.round_trips += 1
        with told(self._server):
            return (await self._client.count(self._layout.collection, exact=True)).count

    async def backup(self, name: str) -> str:  # noqa: ARG002  # a server names its snapshots itself
        """See `Index.backup`. A snapshot is of one node of a server, and lies there."""
        self.round_trips += 1
        try:
            with told(self._server):
                made = await self._client.create_snapshot(self._layout.collection)
        except NotImplementedError:
            made = None
        if made is None:
            raise IndexRefusedError(
                self._server,
                got="no snapshot",
                wanted="one of the whole collection",
                remedy="snapshots are made by a Qdrant server; see its log if this is one",
            )
        return f"snapshot '{made.name}' of collection '{self._layout.collection}' on {self._server}"

    async def close(self) -> None:
        """See `Index.close`."""
        await self._client.close()
