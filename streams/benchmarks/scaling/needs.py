"""From a catalogue and what one listing costs to what all of it needs."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Final

from streams.benchmarks.scaling.catalogue import WEEK_S, Catalogue
from streams.benchmarks.scaling.constants import Constants
from streams.errors import SettingsError

_HOUR_S: Final = 3600
_GIB: Final = 2**30
_BOTH_VIEWS: Final = 2
_FLOAT32: Final = 4
_FEWEST_PARTITIONS: Final = 8
_ROOM_TO_GROW: Final = 2


@dataclass(frozen=True, slots=True)
class Stages:
    """Processors that the stages keep busy in the busiest hour; a worker process has one.

    Args:
        embed: encoding on processors, without any GPU.
        middle: embed beside its encoder, index, blend and match, which partitions divide.
        group: the group stage, which one process has to itself.
    """

    embed: float
    middle: float
    group: float


@dataclass(frozen=True, slots=True)
class Memory:
    """Of Qdrant, in GiB.

    Args:
        whole: everything in memory.
        int8: a byte a number in memory, whole rows on disk.
        on_disk: rows on disk alone; memory beyond this is cache.
        disk: rows, graph and payload.
    """

    whole: float
    int8: float
    on_disk: float
    disk: float


@dataclass(frozen=True, slots=True)
class Needs:
    """What a catalogue needs.

    Args:
        stages: processors in the busiest hour.
        workers: processes for what partitions divide, with room to spare, when a GPU encodes.
        embed_workers: further ones, when none does.
        partitions: of each topic.
        gpu_first_h: hours of one GPU for the first fill.
        gpu_daily_h: and for each day.
        cpu_first_h: hours of one processor for encoding the first fill without one.
        fill_h: hours until the workers have index, neighborhoods and lists of the first fill.
        group_fill_h: hours until the group stage has its products.
        memory: of Qdrant, one replica.
        searches_per_s: in the busiest hour.
        search_cores: processors of Qdrant for them.
        kafka_gib: on disk, all replicas.
        kafka_mib_per_s: written in the busiest hour, one replica.
    """

    stages: Stages
    workers: int
    embed_workers: int
    partitions: int
    gpu_first_h: float
    gpu_daily_h: float
    cpu_first_h: float
    fill_h: float
    group_fill_h: float
    memory: Memory
    searches_per_s: float
    search_cores: float
    kafka_gib: float
    kafka_mib_per_s: float

    @property
    def reindex_h(self) -> float:
        """From `embeddings`, with as many workers more: nothing is encoded."""
        return max(self.fill_h, self.group_fill_h)


def needs_of(one: Catalogue, constants: Constants) -> Needs:
    """Compute them."""
    stages = stages_of(one, constants)
    workers = max(1, ceil(stages.middle / constants.busy))
    embed_workers = ceil(stages.embed / constants.busy)
    searches = (one.changes_per_s + one.swept_per_s) * constants.queries
    listing_gpu_ms = constants.gpu_text_ms + one.photos * constants.gpu_photo_ms
    fill_ms = constants.embed_ms + constants.index_ms + _look_ms(constants)
    return Needs(
        stages=stages,
        workers=workers,
        embed_workers=embed_workers,
        partitions=_partitions(max(workers, embed_workers)),
        gpu_first_h=one.listings * listing_gpu_ms / 1000 / _HOUR_S,
        gpu_daily_h=one.changes_a_day * listing_gpu_ms / 1000 / _HOUR_S,
        cpu_first_h=one.listings * _encode_ms(one, constants) / 1000 / _HOUR_S,
        fill_h=one.listings * fill_ms / 1000 / _HOUR_S / workers,
        group_fill_h=one.listings * constants.regroups * constants.group_ms / 1000 / _HOUR_S,
        memory=memory_of(one, constants),
        searches_per_s=searches,
        search_cores=searches * constants.search_ms / 1000,
        kafka_gib=one.replicas * kafka_bytes(one, constants) / _GIB,
        kafka_mib_per_s=_written_per_s(one, constants) / 2**20,
    )


def stages_of(one: Catalogue, constants: Constants) -> Stages:
    """A change is encoded, indexed and looked around; a price is not; the sweep looks around once more."""
    change_ms = constants.embed_ms + constants.index_ms + _look_ms(constants)
    swept_ms = constants.blend_ms + constants.match_ms
    middle = one.changes_per_s * change_ms + one.prices_per_s * _price_ms(constants) + one.swept_per_s * swept_ms
    return Stages(
        embed=one.changes_per_s * _encode_ms(one, constants) / 1000,
        middle=middle / 1000,
        group=regroups_per_s(one, constants) * constants.group_ms / 1000,
    )


def regroups_per_s(one: Catalogue, constants: Constants) -> float:
    """Marks for the group stage in the busiest hour."""
    return one.changes_per_s * constants.regroups + one.prices_per_s * constants.price_regroups + one.swept_per_s


def memory_of(one: Catalogue, constants: Constants) -> Memory:
    """Of one replica; whole rows by the rule that Qdrant's documentation gives."""
    numbers = _BOTH_VIEWS * constants.numbers
    graph = constants.vectors * constants.graph_bytes
    always = constants.sparse_bytes + constants.point_bytes
    each = {
        "whole": constants.memory * (_FLOAT32 * numbers + always),
        "int8": constants.memory * (numbers + graph + always),
        "on_disk": constants.memory * (graph + always),
        "disk": constants.memory * (_FLOAT32 * numbers + graph + always + constants.payload_bytes),
    }
    return Memory(**{name: one.listings * size / _GIB for name, size in each.items()})


def kafka_bytes(one: Catalogue, constants: Constants) -> float:
    """One replica: the newest record of each listing where topics are compacted, and a week of marks."""
    kept = constants.compaction * one.listings * sum(_kept_bytes(constants))
    marks_a_day = (
        one.changes_a_day * (constants.reblends + constants.rematches + constants.regroups)
        + one.prices_a_day * constants.price_regroups
    )
    swept = 3 * one.listings * WEEK_S / one.sweep_s if one.sweep_s else 0.0
    return kept + (7 * marks_a_day + swept) * (constants.mark_bytes + constants.record_bytes)


def _kept_bytes(constants: Constants) -> tuple[float, ...]:
    values = (constants.listing_bytes, _embedding_bytes(constants), constants.match_bytes, constants.product_bytes)
    return tuple(value + constants.record_bytes for value in values)


def _embedding_bytes(constants: Constants) -> float:
    return constants.head_bytes + constants.wire_bytes * constants.numbers


def _written_per_s(one: Catalogue, constants: Constants) -> float:
    updates = one.changes_per_s + one.prices_per_s
    marks = one.changes_per_s * (constants.reblends + constants.rematches) + 2 * one.swept_per_s
    marks += regroups_per_s(one, constants)
    complete = constants.listing_bytes + _embedding_bytes(constants) + 2 * constants.record_bytes
    told = constants.match_bytes + constants.product_bytes + 2 * constants.record_bytes
    repriced = one.prices_per_s * (constants.price_product_bytes + constants.record_bytes)
    marked = marks * (constants.mark_bytes + constants.record_bytes)
    return updates * complete + one.changes_per_s * told + repriced + marked


def _encode_ms(one: Catalogue, constants: Constants) -> float:
    return constants.text_ms + one.photos * constants.photo_ms


def _price_ms(constants: Constants) -> float:
    """All stages but group, whose share of a price is counted with group.

    Raises:
        SettingsError: group alone is said to take longer than all stages.
    """
    left = constants.price_ms - constants.price_regroups * constants.group_processor_ms
    if left < 0:
        raise SettingsError(
            "constant 'price_ms'",
            got=f"{constants.price_ms:.4g}",
            wanted=f"at least {constants.price_ms - left:.4g}, what the group stage takes of it",
            remedy="measure 'price_ms' and 'group_processor_ms' on one machine: bench pipeline, bench scale",
        )
    return left


def _look_ms(constants: Constants) -> float:
    return constants.reblends * constants.blend_ms + constants.rematches * constants.match_ms


def _partitions(workers: int) -> int:
    """A power of two that leaves room for twice as many workers: more partitions later move keys to other workers."""
    return max(_FEWEST_PARTITIONS, 1 << (workers * _ROOM_TO_GROW - 1).bit_length())
