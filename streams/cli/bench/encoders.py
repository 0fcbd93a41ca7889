"""`matchstream bench encoders`: rows a second of titles, photos and both, beside other ways of making them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from encoders.bundle import read_bundle
from streams.benchmarks import Report
from streams.cli.bench.encoders_told import Tried as Measured
from streams.cli.bench.encoders_told import goals, measured, tables
from streams.cli.bench.shown import Json, Rounds, tell
from streams.cli.console import err
from streams.errors import SettingsError

if TYPE_CHECKING:
    from encoders.benchmarks import Plan, Sample, Tried, Ways

_TITLES, _PHOTOS = "text", "image"
_USUAL = 32
_ONE_AT_A_TIME = 64
"""Items of the slow ways in each round, or as many as there are."""
_RANDOM = "The image weights are random, with normalisations that have seen the photos: speed is that of trained ones."
_NOTES = (
    "Each way has as many items in each round as its row says, in turns with the others; ratios are within a round.",
    "ONNX Runtime and sentence-transformers have the same weights in float32 and the same decoding.",
    "Cosines and neighbors are beside the first row of the table, in float32; neighbors are those within the sample.",
)


def bench_encoders(  # noqa: PLR0913, PLR0917 - each option is one choice of the user's
    bundle: Annotated[
        str | None,
        typer.Option(help="Whose encoders; by default MiniLM, to be pulled first, and a random ResNet-18."),
    ] = None,
    items: Annotated[str, typer.Option(help="text, image, or both; both together are listings.")] = "text,image",
    batch_sizes: Annotated[str, typer.Option(help="How many items at once.")] = "1,8,32,64",
    titles: Annotated[int, typer.Option(min=2, help="Titles of generated listings.")] = 256,
    photos: Annotated[int, typer.Option(min=2, help="Their photos, of 600 pixels.")] = 48,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda.")] = "auto",
    candidates: Annotated[bool, typer.Option(help="Other runtimes, too, and what the product might do.")] = True,  # noqa: FBT002 - typer's way to declare a flag
    compiled: Annotated[  # noqa: FBT002 - likewise
        bool, typer.Option("--compile", help="torch.compile, too; it takes a minute to begin.")
    ] = False,
    rounds: Rounds = 5,
    json: Json = None,
) -> None:
    """Measure encoders over batch sizes, beside one item at a time, other runtimes and other ways of running them.

    First, unless a bundle is named: matchstream models pull sentence-transformers/all-MiniLM-L6-v2

    Runtimes to compare with come with the extra 'bench' of the package; those that are missing are left out.
    """
    from encoders import benchmarks as ways  # noqa: PLC0415 - it brings torch

    asked, sizes = _asked(items), _sizes(batch_sizes)
    err.print(f"making {titles} titles and {photos} photos")
    sample = ways.sample(titles, photos)
    plan, words = _plan(device, sizes, candidates=candidates, compiled=compiled)
    with TemporaryDirectory(prefix="matchstream-") as folder:
        place = Path(folder)
        tried = ways.tried(read_bundle(bundle) if bundle else ways.plain_bundle(place / "plain", sample.photos))
        made = _made(tried, sample, plan, place)
        found = [measured(name, make(), rounds) for name, (needed, make) in made.items() if needed <= asked]
    options = {"items": items, "titles": titles, "photos": photos, "rounds": rounds, "device": str(plan.device)}
    random = [] if bundle else [_RANDOM]
    tell(_report(found, plan, options, [f"The product's precision here is {words}.", *random]), json)


def _plan(device: str, sizes: list[int], *, candidates: bool, compiled: bool) -> tuple[Plan, str]:
    """What is tried, and the product's precision in words."""
    from encoders.benchmarks import Plan  # noqa: PLC0415 - it brings torch
    from encoders.fitting import choose_precision  # noqa: PLC0415 - likewise
    from encoders.loading import choose_device  # noqa: PLC0415 - likewise

    choice = choose_precision(None, device)
    plan = Plan(
        batch_sizes=sizes,
        default_batch=min(sizes, key=lambda size: abs(size - _USUAL)),
        tutorial_items=_ONE_AT_A_TIME,
        precision=choice.precision or "float32",
        candidates=candidates,
        compiled=compiled,
        device=choose_device(device),
    )
    return plan, choice.words


def _report(found: Sequence[Measured], plan: Plan, options: dict[str, Any], notes: Sequence[str]) -> Report:
    return Report(
        benchmark="encoders",
        options=options,
        tables=tables(found),
        measured={one.name: one.as_json() for one in found},
        goals=goals(found, plan.precision),
        notes=[*_NOTES, *notes, *(note for one in found for note in one.notes)],
    )


def _made(tried: Tried, sample: Sample, plan: Plan, folder: Path) -> dict[str, tuple[set[str], Callable[[], Ways]]]:
    """The tables by name: which items each is of, and what makes its ways."""
    from encoders import benchmarks as ways  # noqa: PLC0415 - it brings torch

    return {
        "titles": ({_TITLES}, lambda: ways.text_ways(tried, sample.titles, plan, folder)),
        "photos": ({_PHOTOS}, lambda: ways.photo_ways(tried, sample.photos, plan, folder)),
        "prepared photos": ({_PHOTOS}, lambda: ways.network_ways(tried, sample.photos, plan)),
        "photo files to pixels": ({_PHOTOS}, lambda: ways.decoding_ways(tried, sample.photos)),
        "listings": ({_TITLES, _PHOTOS}, lambda: ways.listing_ways(tried, sample, plan)),
    }


def _asked(items: str) -> set[str]:
    asked = {one.strip() for one in items.split(",")}
    if not asked or asked - {_TITLES, _PHOTOS}:
        raise SettingsError(f"--items '{items}'", got="another word", wanted="text, image or both", remedy="name those")
    return asked


def _sizes(batch_sizes: str) -> list[int]:
    parts = [one.strip() for one in batch_sizes.split(",")]
    if not all(part.isdecimal() and int(part) for part in parts):
        wanted = "whole numbers from 1 on"
        raise SettingsError(
            f"--batch-sizes '{batch_sizes}'", got="something else", wanted=wanted, remedy="as in 1,8,32"
        )
    return sorted({int(part) for part in parts})
