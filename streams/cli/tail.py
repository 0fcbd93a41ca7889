"""`matchstream tail matches`: watch what subscribers are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated

import orjson
import typer

from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.console import err, out, printable
from streams.events import MatchEvent, Message
from streams.settings import Settings, load_settings

_SHOWN = 5

app = typer.Typer(no_args_is_help=True, help="Watch a public topic.")


@app.callback()
def _group() -> None:
    """Watch a public topic."""


@app.command()
def matches(
    as_json: Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Begin with the oldest there is.")] = False,  # noqa: FBT002 - likewise
    until_end: Annotated[bool, typer.Option("--until-end", help="Stop at what is there now.")] = False,  # noqa: FBT002 - likewise
) -> None:
    """Print match events as they come, until Ctrl-C.

    In words: the listing, its revision, its best matches, what came (+) and went (-), and why.
    """
    from_beginning = from_beginning or until_end
    asyncio.run(follow_matches(load_settings(), as_json=as_json, from_beginning=from_beginning, until_end=until_end))


async def follow_matches(
    settings: Settings, *, as_json: bool = False, from_beginning: bool = False, until_end: bool = False
) -> None:
    """Print match events, in words or as JSON."""
    topic = Topics(settings).matches.name
    if err.is_terminal and not until_end:
        err.print(f"watching '{topic}'; Ctrl-C ends it", style="dim")
    records = read_records(settings, topic, from_beginning=from_beginning, until_end=until_end)
    async with aclosing(records):
        async for record in records:
            out.print(_json(record) if as_json else printable(_words(record)))


def _json(record: Message) -> str:
    value = (
        orjson.loads(record.value) if record.value else {"listing_id": (record.key or b"").decode(), "matches": None}
    )
    return orjson.dumps(value).decode()


def _words(record: Message) -> str:
    event = MatchEvent.from_bytes(record.key, record.value)
    if event.matches is None:
        return f"{event.listing_id} is gone"
    best = _some([f"{match.listing_id} ({match.similarity:.2f})" for match in event.matches], ", ")
    news = _some([*(f"+{one}" for one in event.added), *(f"-{one}" for one in event.removed)], " ")
    news = news or ("new" if event.revision == 1 else "similarities")
    return f"{event.listing_id} r{event.revision}: {best or 'no match'}  [{news}] {event.cause}"


def _some(words: Sequence[str], separator: str) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return separator.join(words[:_SHOWN]) + more
