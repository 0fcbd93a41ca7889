"""`matchstream tail matches` and `tail products`: watch what subscribers are told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from typing import Annotated

import orjson
import typer

from streams.brokers.reader import read_records
from streams.brokers.topics import Topics
from streams.cli.console import counted, err, out, printable
from streams.events import MatchEvent, Message
from streams.events.products import ProductEvent
from streams.settings import Settings, load_settings

_SHOWN = 5

app = typer.Typer(no_args_is_help=True, help="Watch a public topic.")


@app.callback()
def _group() -> None:
    """Watch a public topic."""


AsJson = Annotated[bool, typer.Option("--json", help="Print each event as one line of JSON.")]
FromBeginning = Annotated[bool, typer.Option("--from-beginning", help="Begin with the oldest there is.")]
UntilEnd = Annotated[bool, typer.Option("--until-end", help="Stop at what is there now.")]


@app.command()
def products(as_json: AsJson = False, from_beginning: FromBeginning = False, until_end: UntilEnd = False) -> None:  # noqa: FBT002 - typer's way to declare a flag
    """Print product events as they come, until Ctrl-C: members, the best offer per currency, what merged or split."""
    settings = load_settings()
    asyncio.run(
        _follow(
            settings,
            Topics(settings).products.name,
            _product_as_json if as_json else _product_in_words,
            from_beginning=from_beginning or until_end,
            until_end=until_end,
        )
    )


@app.command()
def matches(as_json: AsJson = False, from_beginning: FromBeginning = False, until_end: UntilEnd = False) -> None:  # noqa: FBT002 - typer's way to declare a flag
    """Print match events as they come, until Ctrl-C.

    In words: the listing, its revision, its best matches, what came (+) and went (-), and why.
    """
    from_beginning = from_beginning or until_end
    asyncio.run(follow_matches(load_settings(), as_json=as_json, from_beginning=from_beginning, until_end=until_end))


async def follow_matches(
    settings: Settings, *, as_json: bool = False, from_beginning: bool = False, until_end: bool = False
) -> None:
    """Print match events, in words or as JSON."""
    await _follow(
        settings,
        Topics(settings).matches.name,
        _json if as_json else _in_words,
        from_beginning=from_beginning,
        until_end=until_end,
    )


async def _follow(
    settings: Settings, topic: str, shown: Callable[[Message], str], *, from_beginning: bool, until_end: bool
) -> None:
    if err.is_terminal and not until_end:
        err.print(f"watching '{topic}'; Ctrl-C ends it", style="dim")
    records = read_records(settings, topic, from_beginning=from_beginning, until_end=until_end)
    async with aclosing(records):
        async for record in records:
            out.print(shown(record))


def _json(record: Message) -> str:
    value = (
        orjson.loads(record.value) if record.value else {"listing_id": (record.key or b"").decode(), "matches": None}
    )
    return orjson.dumps(value).decode()


def _in_words(record: Message) -> str:
    return printable(_words(record))


def _product_as_json(record: Message) -> str:
    value = (
        orjson.loads(record.value) if record.value else {"product_id": (record.key or b"").decode(), "members": None}
    )
    return orjson.dumps(value).decode()


def _product_in_words(record: Message) -> str:
    event = ProductEvent.from_bytes(record.key, record.value)
    if event.members is None:
        return printable(f"{event.product_id} is gone")
    best = ", ".join(f"{offer.price} {currency}" for currency, offer in event.best.items())
    news = [f"merged {one}" for one in event.merged_from] + [f"split off {one}" for one in event.split_into]
    told = f"  [{_some(news, ', ')}]" if news else ""
    large = " oversized" if event.oversized else ""
    members = counted(len(event.members), "listing")
    price = f"from {best}" if best else "no price"
    return printable(f"{event.product_id} r{event.revision}: {members}{large}, {price}{told} {event.cause}")


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
