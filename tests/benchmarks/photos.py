"""Photos, descriptions and neighborhoods: what fusion and blending bring on real listings.

    python tests/benchmarks/photos.py descriptions -o docs/benchmarks
    python tests/benchmarks/photos.py blending -o docs/benchmarks
    python tests/benchmarks/photos.py all -o docs/benchmarks

Everything is chosen on the products of the part `tune`; every figure is taken on those of `score`. No vetoes, no pair
scorer: what similarities do by themselves is asked for. Needs the grocery photos, the weights of MobileNetV2 and the
PriceRunner offers of the data that MATCHSTREAM_DATA names.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson
from benchmarks.blends.catalogues import Sources
from benchmarks.blends.groups import Case, Group, by_crowd, by_margin, by_size
from benchmarks.blends.results import groups_to_json, shown_groups, shown_table, table_to_json
from benchmarks.blends.rows import IMAGE, TEXT, TITLES, Table, Tell, blending, fusion
from real_data import data_folder
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from streams.learning.telling import Telling

OFFERS = 4000
_OFFERS_OF_A_LARGE_PRODUCT = 8
_SIMILARITIES = (0.5, 0.6, 0.7, 0.8, 0.9)
_WIDTH = 240

progress = Progress(
    TextColumn("{task.description}"),
    BarColumn(),
    MofNCompleteColumn(),
    TimeElapsedColumn(),
    console=Console(stderr=True),
)
out = Console(width=None if sys.stdout.isatty() else _WIDTH)


def descriptions(sources: Sources, tell: Tell) -> dict:
    """Image alone, text alone and fused, where half of the photos have words."""
    found = {}
    for name in ("grocery-half", "grocery-pieces"):
        table = fusion(sources.photos(name), _prefixed(name, tell))
        out.print(shown_table(name, table))
        found[name] = {**_sizes(table), "rows": table_to_json(table)}
    return found


def neighborhoods(sources: Sources, tell: Tell) -> dict:
    """Blending against none, and to which products it brings what."""
    photos, offers = sources.photos("grocery-half"), sources.offers(OFFERS)
    large = offers.large(_OFFERS_OF_A_LARGE_PRODUCT)
    found = {}
    for name, halves, weights in (
        ("photos, image alone", photos, IMAGE),
        ("offers, text and lexical", offers, TITLES),
        ("offers, text alone", offers, TEXT),
    ):
        table = blending(halves, weights, _SIMILARITIES, _prefixed(name, tell))
        out.print(shown_table(name, table))
        groups = {"tightness": by_margin(Case.of(table)), "size": by_size(Case.of(table), (1, 2, 4, 8, 20, 40))}
        found[name] = {**_sizes(table), "rows": table_to_json(table), **_groups_to_json(name, groups)}
    crowds = {
        "photos, image alone": by_crowd(photos, IMAGE, (2, 3, 5, 10, 20), 5, _prefixed("photos", tell)),
        "offers, text and lexical": by_crowd(large, TITLES, (2, 3, 5, 8), 5, _prefixed("offers", tell)),
    }
    return {**found, "same products, fewer listings": _groups_to_json("same products", crowds)}


def _groups_to_json(name: str, groups: dict[str, list[Group]]) -> dict:
    for what, some in groups.items():
        out.print(shown_groups(f"{name}: {what}", some))
    return {what: groups_to_json(some) for what, some in groups.items()}


def _sizes(table: Table) -> dict:
    parts = {"tune": table.halves.tune, "score": table.halves.score}
    return {name: {"listings": len(one), "products": len(set(one.labels))} for name, one in parts.items()}


def _tell(what: str, total: int) -> Callable[[int], None]:
    task = progress.add_task(what, total=total)
    return lambda done: progress.advance(task, done)


def _prefixed(name: str, tell: Tell) -> Tell:
    return lambda what, total: tell(f"{name}: {what}", total)


PARTS = {"descriptions": descriptions, "blending": neighborhoods}


def arguments() -> argparse.Namespace:
    """Which part, and where the results go."""
    parser = argparse.ArgumentParser(description="Fusion and blending on real photos and offers.")
    parser.add_argument("part", choices=[*PARTS, "all"])
    parser.add_argument("-o", "--output", type=Path, help="folder for the results as JSON, a file a part")
    parser.add_argument("--rows", type=Path, help="folder to keep embeddings in; by default they are not kept")
    return parser.parse_args()


def main() -> None:
    """Print the tables, and write all results."""
    asked = arguments()
    folder = data_folder()
    if folder is None:
        sys.exit("photos: no data found; set MATCHSTREAM_DATA to its folder")
    with TemporaryDirectory(prefix="matchstream-") as kept, progress:
        sources = Sources(folder, asked.rows or Path(kept), Telling(out.print, _tell))
        for name in PARTS if asked.part == "all" else [asked.part]:
            start = time.perf_counter()
            results = PARTS[name](sources, _tell)
            out.print(f"{name}: {time.perf_counter() - start:.0f} s")
            if asked.output:
                asked.output.mkdir(parents=True, exist_ok=True)
                options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
                (asked.output / f"{name}.json").write_bytes(orjson.dumps(results, option=options))
                out.print(f"wrote {asked.output / name}.json")


if __name__ == "__main__":
    main()
