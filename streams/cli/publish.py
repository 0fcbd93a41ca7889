"""`matchstream publish` and `matchstream withdraw`: put listings on the topic, or take them off."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.console import out, progress_bar, warn
from streams.cli.listing_files import BrokenLine, Line, read_lines
from streams.errors import SettingsError
from streams.events import Message
from streams.events.listings import VERSION_HEADER
from streams.settings import Settings, load_settings


def publish(
    file: Annotated[Path, typer.Argument(help="Listings, one JSON object per line.")],
    images: Annotated[
        Path | None, typer.Option(help="Folder with the images; the same that workers have as their image root.")
    ] = None,
) -> None:
    """Publish the listings of a file. A broken line is named and left out; then the exit code is 1."""
    settings = load_settings()
    _same_root(images, settings)
    broken = asyncio.run(_publish(file, images, settings))
    if broken:
        raise typer.Exit(1)


def withdraw(
    listing_ids: Annotated[list[str], typer.Argument(help="The listings to withdraw.")],
    version: Annotated[
        int | None, typer.Option(min=0, help="Withdraw what is at most this version; otherwise what is there now.")
    ] = None,
) -> None:
    """Withdraw listings: publish a null value for each."""
    settings = load_settings()
    headers = {} if version is None else {VERSION_HEADER: str(version).encode()}
    topic = Topics(settings).listings.name
    messages = [Message(topic, one.encode(), None, headers=headers) for one in listing_ids]
    asyncio.run(_send(messages, settings))
    out.print(f"withdrew {len(messages)} listings; see it with: matchstream tail matches")


async def _send(messages: list[Message], settings: Settings) -> None:
    async with Publisher(settings) as publisher:
        await publisher.publish_all(messages)


async def _publish(file: Path, images: Path | None, settings: Settings) -> int:
    """Publish the readable lines; how many were not."""
    broken: list[BrokenLine] = []
    total = sum(1 for _ in _good(file, images, settings, broken))
    for one in broken:
        warn(str(one))
    with progress_bar() as progress:
        task = progress.add_task("publishing", total=total, note="")
        async with Publisher(settings) as publisher:
            messages = (line.message for line in _good(file, images, settings, []))
            sent = await publisher.publish_all(messages, lambda _sent: progress.advance(task))
    out.print(f"published {sent} listings to '{Topics(settings).listings.name}', {len(broken)} broken lines left out")
    return len(broken)


def _good(file: Path, images: Path | None, settings: Settings, broken: list[BrokenLine]) -> Iterator[Line]:
    for line in read_lines(file, Topics(settings).listings.name, images):
        if isinstance(line, Line):
            yield line
        else:
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
