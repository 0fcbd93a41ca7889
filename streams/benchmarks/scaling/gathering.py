"""The constants of docs/benchmarks/constants.json from what the benchmarks measured, each with its source."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from streams.benchmarks.scaling.constants import Constant
from streams.benchmarks.serving import SERVES_PER_S, serves_up_to
from streams.errors import SettingsError

Measured = Mapping[str, Any]
"""What a benchmark measured, as in its JSON."""


@dataclass(frozen=True, slots=True)
class From:
    """Where a constant comes from.

    Args:
        benchmark: whose JSON, by the name of its file.
        read: finds the value in it.
        words: of its source.
        option: that the benchmark must have been run with, and what its value begins with; else the constant stays.
    """

    benchmark: str
    read: Callable[[Measured], float | None]
    words: str
    option: tuple[str, str] | None = None


def _stage(name: str, figure: str = "processor_ms") -> From:
    return From("scale", lambda found: found["stages"][name][figure], "each stage by itself")


def _records(*topics: str, of: str = "topics") -> From:
    words = "what a listing leaves behind" if of == "topics" else "what a price leaves behind"
    return From("pipeline", lambda found: sum(found[of][one]["records"] for one in topics), words)


def _bytes_each(topic: str) -> From:
    return From(
        "pipeline",
        lambda found: found["topics"][topic]["bytes"] / found["topics"][topic]["records"],
        "what a listing leaves behind",
    )


def _in_index(*parts: str) -> From:
    return From("pipeline", lambda found: sum(found["stored_bytes"][one] for one in parts), "what lies in the index")


def _ours(found: Measured, items: str) -> list[Measured]:
    return [way for way in found[items].values() if way["name"].startswith("matchstream, ")]


def _encoding(items: str) -> From:
    """Of processors, those of the threads that decode photos among them."""

    def read(found: Measured) -> float:
        return min(float(statistics.median(way["processor_ms"])) for way in _ours(found, items))

    return From("encoders", read, f"{items}, processors' time, the least of matchstream's ways")


def _encoding_on_gpu(items: str) -> From:
    """By the clock: the GPU works, not the processor."""

    def read(found: Measured) -> float:
        return 1000 / max(float(statistics.median(way["items_per_s"])) for way in _ours(found, items))

    return From("encoders-gpu", read, f"{items}, the fastest of matchstream's ways", option=("device", "cuda"))


def _queries(found: Measured) -> float:
    """With 10,000 listings, or as many as were tried."""
    rounds = found[min(found, key=lambda size: abs(int(size) - 10_000))]
    costs = [(one, cost) for one in rounds for part in ("added", "changed") for cost in one[part].values()]
    listings = sum(one["new"] + one["updates"] for one in rounds)
    return float(sum(cost["queries"] for _, cost in costs) / listings)


def _served(found: Measured) -> float | None:
    """None where one size alone was measured, or the time of a listing does not grow."""
    ms = {int(size): statistics.median(map(_ms_of_round, rounds)) for size, rounds in found.items() if rounds}
    return serves_up_to(dict(sorted(ms.items())))


def _ms_of_round(one: Measured) -> float:
    seconds = sum(cost["seconds"] for part in ("added", "changed") for cost in one[part].values())
    return float(1000 * seconds / (one["new"] + one["updates"]))


def _beside_rows(found: Measured) -> float:
    """Of a message of `embeddings`; the index holds its numbers in both views, four bytes each."""
    record = found["topics"]["embeddings"]["bytes"] / found["topics"]["embeddings"]["records"]
    return max(0.0, float(record - found["number_bytes"] * found["stored_bytes"]["dense"] / 8))


SOURCES: Final[Mapping[str, From]] = {
    "text_ms": _encoding("titles"),
    "photo_ms": _encoding("photos"),
    "gpu_text_ms": _encoding_on_gpu("titles"),
    "gpu_photo_ms": _encoding_on_gpu("photos"),
    "queries": From("matching", _queries, "searches"),
    "embedded_listings": From(
        "matching", _served, f"where it takes fewer than {SERVES_PER_S:g} a second", option=("index", "embedded")
    ),
    "index_ms": _stage("index"),
    "blend_ms": _stage("blend"),
    "match_ms": _stage("match"),
    # One process has it to itself and waits for index and broker: the clock counts, not the processor.
    "group_ms": _stage("group", "clock_ms"),
    "group_processor_ms": _stage("group"),
    "price_ms": From("pipeline", lambda found: statistics.median(found["price_ms"]), "other prices, the worker"),
    "reblends": _records("reblend"),
    "rematches": _records("rematch"),
    "regroups": _records("regroup"),
    "price_regroups": _records("regroup", of="price_topics"),
    "listing_bytes": _bytes_each("listings"),
    "head_bytes": From("pipeline", _beside_rows, "messages of `embeddings` less their dense rows"),
    "mark_bytes": _bytes_each("reblend"),
    "match_bytes": _bytes_each("matches"),
    "product_bytes": From(
        "pipeline", lambda found: found["topics"]["products"]["bytes"], "what a listing leaves behind"
    ),
    "price_product_bytes": From(
        "pipeline", lambda found: found["price_topics"]["products"]["bytes"], "what a price leaves behind"
    ),
    "sparse_bytes": _in_index("sparse"),
    "payload_bytes": _in_index("payload"),
}


def gathered(folder: Path, before: Mapping[str, Constant]) -> dict[str, Constant]:
    """The constants as they were, with those anew that a benchmark's JSON in the folder has.

    Raises:
        SettingsError: such a file can't be read.
    """
    now = dict(before)
    for name, source in SOURCES.items():
        file = folder / f"{source.benchmark}.json"
        if name in before and file.is_file() and (read := _read(file, name, source)) is not None:
            value, of = read
            # What a GPU did is another file of the same command.
            command = source.benchmark.removesuffix("-gpu")
            words = f"bench {command}: {source.words}, {of}"
            now[name] = Constant(value, before[name].unit, measured=True, source=words)
    return now


def _read(file: Path, name: str, source: From) -> tuple[float, str] | None:
    """The value, and of what it is; None where the file does not tell."""
    try:
        written = orjson.loads(file.read_bytes())
        if source.option is not None and not written["options"][source.option[0]].startswith(source.option[1]):
            return None
        found = written["measured"]
        value = source.read(found)
        if value is None:
            return None
        of = f"on {written['machine']['processor']}"
        if "bundle" in found:
            of = f"{found['listings']:,} listings, bundle '{found['bundle']['name']}', {of}"
        return float(f"{value:.4g}"), of
    except (OSError, ValueError, TypeError, LookupError) as error:
        raise SettingsError(
            f"file '{file}'",
            got=f"nothing for the constant '{name}' ({type(error).__name__}: {error})",
            wanted=f"all that 'matchstream bench {source.benchmark} --json' writes",
            remedy="run that again without leaving out a part, or take the file away",
        ) from error


def to_bytes(figures: Mapping[str, Constant]) -> bytes:
    """As the file."""
    return orjson.dumps(dict(figures), option=orjson.OPT_INDENT_2) + b"\n"
