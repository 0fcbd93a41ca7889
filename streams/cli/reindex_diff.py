"""`matchstream reindex diff`: what a generation would change, before it is promoted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.progress import TaskID

from streams.cli.console import err, out, progress_bar
from streams.cli.listing_files import FILE_HELP, Line, read_lines
from streams.cli.reindex_diff_shown import following, say, warn_of
from streams.errors import SettingsError
from streams.images import ImageFetcher
from streams.reindex.difference import Difference, Wanted, read_difference
from streams.reindex.difference.document import to_json
from streams.reindex.difference.labelled import label_of
from streams.settings import Settings, load_settings


def diff(  # noqa: PLR0917 - each option is one choice of the user's
    name: Annotated[str, typer.Argument(metavar="NAME", help="Generation that is compared with the live one.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write a page with photos, as HTML.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON document.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    label: Annotated[
        str, typer.Option(metavar="FIELD", help="Field of the listings that names the product, to measure both by.")
    ] = "",
    labels: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"Where that field is read from instead. {FILE_HELP}")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Pairs and products of each kind on the page.")] = 20,
) -> None:
    """Compare a generation's match lists with the live ones.

    Told are the pairs and products that would change, by category, and how right both are beside judgements and
    labels. Judged pairs count as the model alone would decide, for judgements always win.
    """
    _look_at(output)
    settings = load_settings()
    difference = asyncio.run(_read(settings, name, Wanted(label, _labels(labels, label))))
    _look_for_labels(difference, label)
    warn_of(difference)
    if as_json:
        out.print(orjson.dumps(to_json(difference)).decode())
    else:
        say(difference)
    if output is not None:
        output.write_text(asyncio.run(_page(difference, top, settings)), encoding="utf-8", errors="replace")
        (err if as_json else out).print(f"wrote {output}")
    if not as_json:
        out.print(following(difference, output))


async def _read(settings: Settings, name: str, wanted: Wanted) -> Difference:
    tasks: dict[str, TaskID] = {}
    with progress_bar() as progress:

        def told(doing: str, more: int) -> None:
            if doing not in tasks:
                tasks[doing] = progress.add_task(doing, total=None, note="")
            progress.advance(tasks[doing], more)

        return await read_difference(settings, name, wanted, told)


async def _page(difference: Difference, top: int, settings: Settings) -> str:
    from streams.evaluation.photos import thumbnails  # noqa: PLC0415 - it brings SciPy and matplotlib
    from streams.reindex.difference.page import chosen, page  # noqa: PLC0415 - likewise

    shown = chosen(difference, top)
    async with ImageFetcher(settings) as images:
        photos = await thumbnails(shown.images(difference), images, settings.image_max_pixels)
    return page(difference, shown, photos)


def _labels(file: Path | None, label: str) -> Mapping[str, str]:
    """The product of each listing of a file.

    Raises:
        SettingsError: the file can't be read, or there is no field to look for in it.
    """
    if file is None:
        return {}
    if not label:
        remedy = "name it: --label FIELD"
        raise SettingsError(f"--labels '{file}'", got="no field", wanted="the one with the product", remedy=remedy)
    events = (line.event for line in read_lines(file, "listings") if isinstance(line, Line))
    return {one.listing_id: label_of((one.raw or {}).get(label)) for one in events}


def _look_for_labels(difference: Difference, label: str) -> None:
    if label and difference.labelled is None:
        raise SettingsError(
            f"label '{label}'",
            got="no listing that both generations have has it",
            wanted="text or a whole number",
            remedy="name the field that holds the product, or a file with --labels",
        )


def _look_at(output: Path | None) -> None:
    """Before the work, whether its result can be written."""
    if output is None or (output.parent.is_dir() and not output.is_dir()):
        return
    got = "a folder" if output.is_dir() else f"no folder '{output.parent}'"
    raise SettingsError(f"--output '{output}'", got=got, wanted="a file in an existing folder", remedy="name another")
