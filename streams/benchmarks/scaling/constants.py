"""What one listing costs: each constant with its unit, and where it was measured or why it is assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self

import orjson

from streams.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Constant:
    """One figure.

    Args:
        unit: in words, with what it is per.
        measured: whether it was; otherwise it is assumed.
        source: the command and the file that it is from, or the reason for assuming it.
    """

    value: float
    unit: str
    measured: bool
    source: str


@dataclass(frozen=True, slots=True)
class Constants:
    """Every figure that the model goes by; milliseconds are of one processor.

    Args:
        text_ms: to encode a title.
        photo_ms: to read and encode a photo.
        gpu_text_ms: of a GPU, to encode a title.
        gpu_photo_ms: likewise a photo, which its machine decodes.
        embed_ms: of the embed stage beside the encoder, for a change.
        index_ms: of the index stage, for a message.
        blend_ms: of the blend stage, for a mark; that of one listing in a batch is computed once.
        match_ms: of the match stage, likewise.
        group_ms: of the group stage by the clock, likewise: its one process waits for index and broker, too.
        group_processor_ms: of the group stage, likewise, without the waiting.
        price_ms: of all stages, for an update of a price.
        reblends: marks for blend, for a change.
        rematches: marks for match, likewise.
        regroups: marks for group, likewise.
        price_regroups: marks for group, for an update of a price.
        queries: searches of the index, for a change.
        search_ms: of a Qdrant server, for a search.
        listing_bytes: of a record in `listings`.
        head_bytes: of a record in `embeddings` beside its dense rows.
        mark_bytes: of a mark.
        match_bytes: of a record in `matches`.
        product_bytes: of what a listing leaves in `products` after compaction.
        price_product_bytes: of what an update of a price writes to `products`.
        record_bytes: that Kafka adds to a record.
        compaction: how much more than its newest records a compacted topic holds.
        numbers: of the dense rows of a listing, in one view.
        wire_bytes: of one number in a message.
        sparse_bytes: of the sparse rows of a listing, in the index.
        payload_bytes: of a point, as JSON.
        vectors: dense vectors of a point, in both views.
        graph_bytes: of the graph that is searched, for a vector.
        point_bytes: that a server keeps in memory for a point beside its vectors.
        memory: how much more memory than that a server takes, for metadata and for segments that are being optimised.
        embedded_listings: that an embedded index serves, as `streams/benchmarks/serving.py` means it.
        node_gib: memory of one node of a Qdrant server.
        node_cores: its processors.
        busy: how busy a process may be in the busiest hour.
    """

    text_ms: float
    photo_ms: float
    gpu_text_ms: float
    gpu_photo_ms: float
    embed_ms: float
    index_ms: float
    blend_ms: float
    match_ms: float
    group_ms: float
    group_processor_ms: float
    price_ms: float
    reblends: float
    rematches: float
    regroups: float
    price_regroups: float
    queries: float
    search_ms: float
    listing_bytes: float
    head_bytes: float
    mark_bytes: float
    match_bytes: float
    product_bytes: float
    price_product_bytes: float
    record_bytes: float
    compaction: float
    numbers: float
    wire_bytes: float
    sparse_bytes: float
    payload_bytes: float
    vectors: float
    graph_bytes: float
    point_bytes: float
    memory: float
    embedded_listings: float
    node_gib: float
    node_cores: float
    busy: float

    @classmethod
    def of(cls, figures: Mapping[str, Constant]) -> Self:
        """Their values.

        Raises:
            SettingsError: one is missing.
        """
        missing = [one.name for one in fields(cls) if one.name not in figures]
        if missing:
            raise SettingsError(
                f"constant '{missing[0]}'",
                got="none",
                wanted=f"each of {len(fields(cls))}",
                remedy="take the shipped file, or add it with its unit and source",
            )
        return cls(**{one.name: figures[one.name].value for one in fields(cls)})


def read_constants(file: Path) -> dict[str, Constant]:
    """The figures of a file, by name.

    Raises:
        SettingsError: it can't be read.
    """
    try:
        return {name: Constant(**_checked(value)) for name, value in orjson.loads(file.read_bytes()).items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise SettingsError(
            f"file '{file}'",
            got=reason,
            wanted="constants with value, unit, measured and source",
            remedy="take docs/benchmarks/constants.json of the sources, or one made by --write",
        ) from error


def _checked(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A figure that can be computed with."""
    if not float(value["value"]) >= 0:
        raise ValueError(f"value {value['value']}")
    return value
