"""`matchstream topics`: create them, and see how far each stage is."""

from __future__ import annotations

import asyncio

import typer
from rich.table import Table

from streams.brokers.admin import TopicOutcome, create_topics
from streams.brokers.commits import sweep_place
from streams.brokers.lag import LagReader, StageLag
from streams.brokers.topics import REFETCH
from streams.cli.console import out, table
from streams.settings import Settings, load_settings
from streams.stages.sweep import share_done

app = typer.Typer(no_args_is_help=True, help="Create the topics, or show how far each stage is behind.")


@app.command()
def create() -> None:
    """Create the topics that are missing and say what was there already."""
    settings = load_settings()
    outcomes = asyncio.run(create_topics(settings))
    out.print(_created(outcomes))
    if any(outcome.differences for outcome in outcomes):
        out.print("Topics that differ were left as they are; change them with Kafka's own tools if you mean to.")
    out.print("Next: matchstream worker, and matchstream publish FILE.jsonl")


@app.command()
def show() -> None:
    """Show how many messages each stage of this generation is behind, how many photos are waited for, and the sweep."""
    settings = load_settings()
    lags, place = asyncio.run(_lags_and_place(settings))
    out.print(_lags(lags, settings.generation))
    if place:
        out.print(f"The sweep is at {share_done(place):.0%} of its round.")
    if waiting := sum(lag.lag for lag in lags if lag.stage == REFETCH):
        out.print(f"Photos that could not be had and are fetched again later: {waiting}.")
    if any(lag.lag for lag in lags if lag.stage != REFETCH):
        out.print("What is behind is done by workers: matchstream worker")


async def _lags_and_place(settings: Settings) -> tuple[list[StageLag], str | None]:
    async with LagReader(settings, photos=True) as reader:
        return await reader.lags(), await sweep_place(settings)


def _created(outcomes: list[TopicOutcome]) -> Table:
    rows = table("topic", "partitions", "kept", "outcome")
    for outcome in outcomes:
        kept = "newest of each key" if outcome.topic.compacted else "for a time"
        said = ", ".join([str(outcome.outcome), *outcome.differences])
        rows.add_row(outcome.topic.name, str(outcome.topic.partitions), kept, said)
    return rows


def _lags(lags: list[StageLag], generation: str) -> Table:
    rows = table("generation", "stage", "reads", "group", "behind", "of")
    for lag in lags:
        end = sum(partition.end for partition in lag.partitions)
        rows.add_row(generation, lag.stage, lag.topic, lag.group, str(lag.lag), str(end))
    return rows
