"""`matchstream publish` and `matchstream withdraw`: put listings on the topic, or take them off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.console import counted, out, progress_bar, warn
from streams.cli.listing_files import FILE_HELP, BrokenLine, Line, count_lines, left_out, read_lines
from streams.errors import SettingsError
from streams.events import Message
from streams.events.listings import VERSION_HEADER
from streams.settings import Settings, load_settings
from streams.telemetry.tracing import tracing


def publish(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=FILE_HELP)],
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Folder with the images, to look whether they are there: the workers' image root."
        ),
    ] = None,
) -> None:
    """Publish the listings of a file. A broken line is named and left out; then the exit code is 1."""
    settings = load_settings()
    _same_root(images, settings)
    broken = asyncio.run(_publish(file, images, settings))
    if broken:
        raise typer.Exit(1)


def withdraw(
    listing_ids: Annotated[list[str], typer.Argument(metavar="ID", help="The listings to withdraw.")],
    version: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="Withdraw what is at most this version; otherwise what is there now."),
    ] = None,
) -> None:
    """Withdraw listings: publish a null value for each."""
    if not all(one.strip() for one in listing_ids):
        raise typer.BadParameter("an empty one, a listing's id wanted", param_hint="'ID...'")
    settings = load_settings()
    headers = {} if version is None else {VERSION_HEADER: str(version).encode()}
    topic = Topics(settings).listings.name
    messages = [Message(topic, one.encode(), None, headers=headers) for one in listing_ids]
    asyncio.run(_send(messages, settings))
    told = counted(len(messages), "listing")
    out.print(f"withdrew {told} in '{topic}'; watch what follows: matchstream tail matches")


async def _send(messages: list[Message], settings: Settings) -> None:
    with tracing(settings) as traced:
        async with Publisher(settings) as publisher:
            await publisher.publish_all(map(traced.published, messages))


async def _publish(file: Path, images: Path | None, settings: Settings) -> list[BrokenLine]:
    """Publish the readable lines; those that are not."""
    broken: list[BrokenLine] = []
    topic, total = Topics(settings).listings.name, count_lines(file)
    with tracing(settings) as traced:
        async with Publisher(settings) as publisher:
            with progress_bar() as progress:
                task = progress.add_task("publishing", total=total, note="")
                messages = (traced.published(line.message) for line in _good(read_lines(file, topic, images), broken))
                sent = await publisher.publish_all(messages, lambda _sent: progress.advance(task))
                progress.update(task, total=sent, completed=sent)
    told = f"{counted(sent, 'listing')} to '{topic}'{left_out(broken)}"
    out.print(f"published {told}; watch what follows: matchstream tail matches")
    return broken


def _good(lines: Iterable[Line | BrokenLine], broken: list[BrokenLine]) -> Iterator[Line]:
    """The readable ones; the others are told and kept in `broken`."""
    for line in lines:
        if isinstance(line, Line):
            yield line
        else:
            warn(str(line))
            broken.append(line)


def _same_root(images: Path | None, settings: Settings) -> None:
    root = settings.image_root
    if images is not None and root is not None and images.resolve() != root.resolve():
        raise SettingsError(
            "--images",
            got=f"'{images}'",
            wanted=f"the image root of the workers, '{root}'",
            remedy="name that folder, or set MATCHSTREAM_IMAGE_ROOT",
        )
