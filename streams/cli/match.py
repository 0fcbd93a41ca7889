"""`matchstream match`: the matches among the listings of one file."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from streams.brokers.topics import Topics
from streams.cli.console import err, warn
from streams.cli.listing_files import BrokenLine, Line, read_lines
from streams.cli.pipeline import Outcome, run_pipeline
from streams.cli.places import configured_place, embedded_place, scratch_folder
from streams.cli.watching import RunProgress
from streams.errors import SettingsError
from streams.events import Match
from streams.settings import Settings, load_settings


def match(
    file: Annotated[Path, typer.Argument(help="Listings, one JSON object per line.")],
    images: Annotated[Path | None, typer.Option(help="Folder that image paths are relative to.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write here instead of standard output.")
    ] = None,
    reference: Annotated[bool, typer.Option("--reference", help="Plain batch computation in NumPy instead.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    configured: Annotated[bool, typer.Option("--configured", help="On the broker and index of the settings.")] = False,  # noqa: FBT002 - likewise
) -> None:
    """Run the whole pipeline over a file; print each listing with its matches, one JSON object per line."""
    settings = load_settings(**({} if images is None else {"image_root": images.resolve()}))
    if reference and configured:
        raise SettingsError("--configured", got="--reference too", wanted="one of them", remedy="leave one out")
    lines, broken = _read(file, settings, images)
    for one in broken:
        warn(str(one))
    lists = (
        _by_reference(lines, settings) if reference else asyncio.run(_streamed(lines, settings, configured=configured))
    )
    _write(output, lines, lists)
    _report(lines, lists, broken, output)
    if broken:
        raise typer.Exit(1)


def _read(file: Path, settings: Settings, images: Path | None) -> tuple[list[Line], list[BrokenLine]]:
    lines: list[Line] = []
    broken: list[BrokenLine] = []
    for one in read_lines(file, Topics(settings).listings.name, images):
        lines.append(one) if isinstance(one, Line) else broken.append(one)
    if not lines:
        raise SettingsError(
            f"file '{file}'", got="no listing that can be read", wanted="at least one", remedy="mend it"
        )
    return lines, broken


async def _streamed(lines: Sequence[Line], settings: Settings, *, configured: bool) -> Mapping[str, tuple[Match, ...]]:
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(scratch_folder())
        place = (configured_place if configured else embedded_place)(settings, folder)
        here = await stack.enter_async_context(place)
        topic = Topics(here).listings.name
        progress = stack.enter_context(RunProgress(len(lines), len({line.event.listing_id for line in lines})))
        messages = [line.message_for(topic) for line in lines]
        outcome: Outcome = await run_pipeline(messages, here, folder / "worker.log", progress)
    per_s = len(lines) / outcome.run_s
    err.print(f"{len(lines)} listings in {outcome.run_s:.1f} s, {per_s:.1f} a second, {outcome.events} match events")
    return outcome.lists


def _by_reference(lines: Sequence[Line], settings: Settings) -> Mapping[str, tuple[Match, ...]]:
    from streams.cli.batch import match_in_batch  # noqa: PLC0415 - it brings torch

    return match_in_batch([line.event for line in lines], settings)


def _write(output: Path | None, lines: Iterable[Line], lists: Mapping[str, tuple[Match, ...]]) -> None:
    listing_ids = dict.fromkeys(line.event.listing_id for line in lines)
    data = b"".join(orjson.dumps(_entry(one, lists.get(one, ()))) + b"\n" for one in listing_ids)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(data)


def _entry(listing_id: str, matches: Iterable[Match]) -> dict[str, Any]:
    return {"listing_id": listing_id, "matches": [one.to_json() for one in matches]}


def _report(
    lines: Sequence[Line], lists: Mapping[str, tuple[Match, ...]], broken: Sequence[BrokenLine], output: Path | None
) -> None:
    matched = sum(1 for matches in lists.values() if matches)
    left_out = f", {len(broken)} broken lines left out" if broken else ""
    where = f"; written to {output}" if output else ""
    err.print(f"{matched} of {len({line.event.listing_id for line in lines})} listings have matches{left_out}{where}")
