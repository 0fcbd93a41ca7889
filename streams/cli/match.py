"""`matchstream match`: the matches among the listings of one file."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from encoders.bundle import read_bundle
from streams.brokers.topics import Topics
from streams.cli.console import counted, err, warn
from streams.cli.listing_files import FILE_HELP, BrokenLine, Line, left_out, read_lines
from streams.cli.pipeline import run_pipeline
from streams.cli.places import configured_place, embedded_place, scratch_folder
from streams.cli.watching import RunProgress
from streams.errors import SettingsError
from streams.events import Match
from streams.settings import Settings, load_settings
from streams.stages.contents import Looks


def match(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=FILE_HELP)],
    images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder that image paths are relative to.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write here instead of standard output.")
    ] = None,
    reference: Annotated[bool, typer.Option("--reference", help="Plain batch computation in NumPy instead.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    configured: Annotated[bool, typer.Option("--configured", help="On the broker and index of the settings.")] = False,  # noqa: FBT002 - likewise
) -> None:
    """Find the matches among the listings of a file, and print each listing with its matches as a line of JSON.

    The whole pipeline runs over the file, from start to drained: on a broker in memory and an embedded
    index that are gone afterwards, or on the broker and the index of the settings, under topics and a
    collection of its own that are removed again. Broken lines are named and left out; then the exit
    code is 1.
    """
    if reference and configured:
        raise typer.BadParameter("not together with --reference", param_hint="'--configured'")
    _look_at(output)
    settings = load_settings(**({} if images is None else {"image_root": images.resolve()}))
    lines, broken = _read(file, settings, images)
    _tell_of_photos(lines, settings)
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
        if isinstance(one, Line):
            lines.append(one)
        else:
            broken.append(one)
            warn(str(one))
    if not lines:
        got = "only broken lines" if broken else "no line"
        remedy = "write one JSON object per line, with a listing_id and a title or an image"
        raise SettingsError(f"file '{file}'", got=got, wanted="listings", remedy=remedy)
    return lines, broken


def _tell_of_photos(lines: Iterable[Line], settings: Settings) -> None:
    """Without a folder, photos in files are left out as if there were none."""
    listed = (line.event.listing for line in lines)
    in_files = sum(any("://" not in photo for photo in listing.photos) for listing in listed if listing)
    if in_files and settings.image_root is None and Looks.of(read_bundle(settings.bundle)).at_photos:
        warn(f"{counted(in_files, 'listing')} with photos in files, which are not looked at; give --images FOLDER")


async def _streamed(lines: Sequence[Line], settings: Settings, *, configured: bool) -> Mapping[str, tuple[Match, ...]]:
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(scratch_folder())
        place = (configured_place if configured else embedded_place)(settings, folder)
        here = await stack.enter_async_context(place)
        topic = Topics(here).listings.name
        messages = [line.message_for(topic) for line in lines]
        with RunProgress(len(lines), len({line.event.listing_id for line in lines})) as progress:
            outcome = await run_pipeline(messages, here, folder / "worker.log", progress)
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
        return
    try:
        output.write_bytes(data)
    except OSError as error:
        raise _not_writable(output, error.strerror or str(error)) from error


def _look_at(output: Path | None) -> None:
    """Before the work, whether its result can be written."""
    if output is None:
        return
    if output.is_dir():
        raise _not_writable(output, "a folder")
    if not os.access(output if output.exists() else output.parent, os.W_OK):
        raise _not_writable(output, "may not be written" if output.parent.is_dir() else f"no folder '{output.parent}'")


def _not_writable(output: Path, got: str) -> SettingsError:
    return SettingsError(f"--output '{output}'", got=got, wanted="a file that can be written", remedy="name another")


def _entry(listing_id: str, matches: Iterable[Match]) -> dict[str, Any]:
    return {"listing_id": listing_id, "matches": [one.to_json() for one in matches]}


def _report(
    lines: Sequence[Line], lists: Mapping[str, tuple[Match, ...]], broken: Sequence[BrokenLine], output: Path | None
) -> None:
    matched = sum(1 for matches in lists.values() if matches)
    where = f"; written to {output}" if output else ""
    err.print(
        f"{matched} of {len({line.event.listing_id for line in lines})} listings have matches{left_out(broken)}{where}"
    )
