"""`matchstream topics`: create them, and see how far each stage is."""

from __future__ import annotations

import asyncio

import typer
from rich.table import Table

from streams.brokers.admin import TopicOutcome, create_topics
from streams.brokers.lag import StageLag, stage_lags
from streams.cli.console import out
from streams.settings import load_settings

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
    """Show the lag of each stage of this generation, and which topics it reads."""
    settings = load_settings()
    out.print(_lags(asyncio.run(stage_lags(settings)), settings.generation))


def _created(outcomes: list[TopicOutcome]) -> Table:
    table = Table("topic", "partitions", "kept", "outcome", box=None, pad_edge=False)
    for outcome in outcomes:
        kept = "newest of each key" if outcome.topic.compacted else "for a time"
        said = ", ".join([str(outcome.outcome), *outcome.differences])
        table.add_row(outcome.topic.name, str(outcome.topic.partitions), kept, said)
    return table


def _lags(lags: list[StageLag], generation: str) -> Table:
    table = Table("generation", "stage", "reads", "group", "behind", "of", box=None, pad_edge=False)
    for lag in lags:
        end = sum(partition.end for partition in lag.partitions)
        table.add_row(generation, str(lag.stage), lag.topic, lag.group, str(lag.lag), str(end))
    return table
