"""`matchstream reindex`: another generation beside the live one, until it takes its place."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import orjson
import typer

from streams.brokers.groups import new_group_reader
from streams.brokers.roster import read_roster
from streams.cli import reindex_shown
from streams.cli.console import counted, out, progress_bar, warn
from streams.cli.reindex_diff import diff
from streams.cli.reindex_promote import promote_generation, roll_back
from streams.events.generations import Generation, Roster, Source
from streams.reindex.beginning import Begun, begin
from streams.reindex.dropping import Dropped, check_unneeded, drop
from streams.reindex.joining import known_generation
from streams.reindex.planning import Plan
from streams.reindex.progress import Look, being_filled, look, rate
from streams.reindex.promotion import LAG
from streams.reindex.shaping import overrides_of, settings_of
from streams.settings import Settings, load_settings

_BETWEEN_LOOKS_S: Final = 3.0

app = typer.Typer(no_args_is_help=True, help="Fill another generation beside the live one, compare, and exchange them.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Of the generation: lower-case letters, digits, - and _.")]


@app.command(short_help="Begin a generation beside the live one.")
def start(
    name: Name,
    bundle: Annotated[
        str | None, typer.Option(metavar="BUNDLE", help="A folder or a name; the live one's else.")
    ] = None,
    overrides: Annotated[
        list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting it has otherwise; repeatable.")
    ] = None,
    source: Annotated[
        Source | None, typer.Option("--from", help="What to fill it from; embeddings if the encoders are the same.")
    ] = None,
    *,
    gaps: Annotated[
        bool, typer.Option("--allow-gaps", help="Also if the beginning of a topic was deleted; that is missing then.")
    ] = False,
) -> None:
    """Begin a generation beside the live one: its topics, and its place on the roster. Workers fill it.

    It may be run again when it was cut off. Nothing is embedded twice if the bundle's encoders are those of the
    live generation: the rows come from its topic.
    """
    settings = load_settings()
    chosen = overrides_of(overrides or [], settings)
    plan = Plan(name=name, bundle=bundle, overrides=chosen, source=source, gaps=gaps)
    _tell_begun(asyncio.run(begin(settings, plan)))


@app.command(short_help="Show the generations, and how far one is.")
def status(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="By default the one that is being filled.")] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Go on until it can be promoted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one line of JSON.")] = False,
) -> None:
    """Show the generations, and of one how far it is, how fast, how long yet, and what each stage is behind."""
    asyncio.run(_status(load_settings(), name, watch=watch, as_json=as_json))


app.command("diff", short_help="Compare a generation with the live one.")(diff)
app.command("promote", short_help="Make a generation the live one.")(promote_generation)
app.command("rollback", short_help="Make the previous one live again.")(roll_back)


@app.command("drop", short_help="Delete a generation that nobody needs.")
def drop_generation(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Delete a generation that nobody needs: its topics, its groups and its collection. Public topics stay.

    Its workers have to be stopped. It may be run again when it was cut off.
    """
    settings = load_settings()
    roster = asyncio.run(read_roster(settings))
    check_unneeded(roster, name)
    if not yes:
        typer.confirm(f"Delete generation '{name}' with all its topics and its collection?", abort=True, err=True)
    _tell_dropped(name, asyncio.run(drop(settings, name)))


def _tell_begun(begun: Begun) -> None:
    one = begun.generation
    if begun.already:
        out.print(f"'{one.name}' was begun before, just so: nothing was left to do.")
    else:
        source = (
            f"the embeddings of '{one.origin}', so that nothing is embedded twice" if one.origin else "all listings"
        )
        out.print(f"{'Carried on and began' if begun.resumed else 'Began'} '{one.name}' with bundle '{one.bundle}'.")
        out.print(f"It is filled from {source}.")
        for setting, value in one.settings.items():
            out.print(f"It has {setting}={value}.")
        if begun.photos:
            out.print(f"It waits for {counted(begun.photos, 'photo')} that the live one waits for.")
    for topic in begun.deleting:
        warn(f"topic '{topic}' loses its oldest messages by age or size: set cleanup.policy=compact while it is whole")
    out.print(f"Next: matchstream worker --generation {one.name}, as many as you like beside the live ones,")
    out.print(f"and matchstream reindex status {one.name} --watch")


def _tell_dropped(name: str, dropped: Dropped) -> None:
    collection = "its collection" if dropped.collection else "no collection"
    out.print(f"Dropped '{name}': {counted(len(dropped.topics), 'topic')} and {collection}.")
    if dropped.was_previous:
        out.print("It was the previous one: 'matchstream reindex rollback' has nothing to go back to any more.")
    out.print("Next: matchstream reindex status")


async def _status(settings: Settings, name: str | None, *, watch: bool, as_json: bool) -> None:
    roster = await read_roster(settings)
    one = known_generation(roster, name) if name else being_filled(roster)
    if not as_json:
        out.print(reindex_shown.generations(roster))
        if told := reindex_shown.promotion_in_words(roster.live):
            out.print(told)
    last, per_second = (None, 0.0) if one is None else await _looked(settings, roster, one, watch=watch)
    if as_json:
        document = reindex_shown.to_json(roster, one.name if one else "", last, per_second)
        out.print(orjson.dumps(document).decode())
    elif one and last:
        out.print()
        out.print(reindex_shown.readings(last))
        out.print(reindex_shown.progress_in_words(one.name, last, per_second))
        out.print(_next(roster, one, last))


async def _looked(settings: Settings, roster: Roster, one: Generation, *, watch: bool) -> tuple[Look, float]:
    """The last of two looks, or of as many as it takes until it may be promoted, and how fast it got on."""
    there = settings_of(settings, one)
    async with new_group_reader(there) as reader:
        first = last = await look(reader, there, roster)
        if not watch:
            await asyncio.sleep(_BETWEEN_LOOKS_S)
            last = await look(reader, there, roster)
            return last, rate(first, last)
        with progress_bar() as progress:
            bar = reindex_shown.Bar(progress, one.name)
            bar.show(first, 0.0)
            while last.behind > LAG:
                await asyncio.sleep(_BETWEEN_LOOKS_S)
                last = await look(reader, there, roster)
                bar.show(last, rate(first, last))
    return last, rate(first, last)


def _next(roster: Roster, one: Generation, last: Look) -> str:
    if last.idle:
        return f"No worker runs {', '.join(last.idle)}. Next: matchstream worker --generation {one.name}"
    if last.behind > LAG or roster.is_live(one.name):
        return f"Next: matchstream reindex status {one.name} --watch"
    return f"Next: matchstream reindex diff {one.name}, then matchstream reindex promote {one.name}"
