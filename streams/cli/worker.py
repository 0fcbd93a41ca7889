"""`matchstream worker`: run stages until told to stop."""

from __future__ import annotations

import asyncio
import logging
from typing import Annotated

import typer

from streams.brokers.topics import StageName
from streams.cli.console import err
from streams.errors import SettingsError
from streams.settings import Settings, load_settings

_ALL = ",".join(StageName)


def worker(
    stages: Annotated[str, typer.Option(help="Which stages to run, separated by commas.")] = _ALL,
    check: Annotated[bool, typer.Option("--check", help="Only say whether a worker lives: exit code 0 or 1.")] = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Run the stages of the flow. Stops cleanly at Ctrl-C or SIGTERM; anything unexpected ends it with code 1."""
    settings = load_settings()
    if check:
        _check(settings)
        return
    chosen = _chosen(stages)
    from streams.worker import run_worker  # noqa: PLC0415 - it brings Faust, which no other command needs

    logging.getLogger().setLevel(settings.log_level)
    asyncio.run(run_worker(settings, chosen))


def _chosen(stages: str) -> list[StageName]:
    names = [name.strip() for name in stages.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(StageName)]
    if unknown or not names:
        raise SettingsError(
            "--stages", got=f"'{stages}'", wanted=f"some of {_ALL}", remedy="name stages separated by commas"
        )
    return [stage for stage in StageName if stage in names]


def _check(settings: Settings) -> None:
    from streams.heartbeat import is_alive  # noqa: PLC0415 - a health check has to be quick

    if settings.heartbeat_file is None:
        raise SettingsError(
            "MATCHSTREAM_HEARTBEAT_FILE",
            got="nothing",
            wanted="the file the worker touches",
            remedy="set it for the worker and the check alike",
        )
    if not is_alive(settings.heartbeat_file):
        err.print(f"no worker has touched '{settings.heartbeat_file}' lately", markup=False)
        raise typer.Exit(1)
