"""`matchstream worker`: run stages until told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import time
from threading import Thread
from typing import Annotated, Final

import typer

from encoders.bundle import Bundle, read_bundle
from streams.brokers.topics import StageName
from streams.cli.checking import check_alive, check_ready
from streams.cli.failures import log_failure, say, say_for_the_log
from streams.cli.logs import log_as_worker
from streams.cli.reachable import ensure_ready
from streams.errors import LEASE_LOST, LeaseLostError
from streams.redaction import without_login
from streams.reindex.joining import settings_on_roster
from streams.settings import Settings, load_settings

_ALL = ",".join(StageName)
_STOPS_WITHIN_S = 10.0
_INTERRUPTED: Final = 128 + signal.SIGINT

_log = logging.getLogger(__name__)


def worker(
    context: typer.Context,
    stages: Annotated[str, typer.Option(metavar="STAGE,...", help="Which stages to run, separated by commas.")] = _ALL,
    generation: Annotated[
        str | None, typer.Option(metavar="NAME", help="Which generation to work for, with its bundle and settings.")
    ] = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only say whether a worker lives: exit code 0 or 1.")] = False,
    ready: Annotated[bool, typer.Option("--ready", help="Only say whether a worker does its share, likewise.")] = False,
    until_stdin_ends: Annotated[bool, typer.Option("--until-stdin-ends", hidden=True)] = False,
) -> None:
    """Run the stages of the flow.

    Stops cleanly at Ctrl-C or SIGTERM; anything unexpected ends it with code 1, a pause longer than its
    Kafka session with code 75, and who watches over it starts it again. A message that kills workers is
    laid aside after about ten starts. Workers share the work: start as many as there are cores or GPUs.
    """
    settings = load_settings(**({"generation": generation} if generation else {}))
    if check or ready:
        (check_ready if ready else check_alive)(settings)
        return
    chosen = _chosen(stages)
    debug = bool(context.parent and context.parent.params.get("debug"))
    if settings.log_format == "json":
        _begin_log(settings, debug=debug)  # programs read what keeps it from beginning, too
    _end_at_once_when_told()
    if until_stdin_ends:
        Thread(target=_end_with_parent, daemon=True).start()
    if generation is None and "bundle" in settings.model_fields_set:
        read_bundle(settings.bundle)  # what is wrong with it can be said without a broker
    settings = asyncio.run(settings_on_roster(settings, chosen=generation is not None))
    bundle = asyncio.run(ensure_ready(settings))
    _begin_log(settings, debug=debug)
    _tell_what_runs(settings, bundle)
    from streams.worker import run_worker  # noqa: PLC0415 - it brings Faust, which hardly any command needs

    try:
        asyncio.run(run_worker(settings, chosen))
    except LeaseLostError as error:
        (log_failure if settings.log_format == "json" else say)(type(error), error, error.__traceback__)
        raise typer.Exit(LEASE_LOST) from error


def _end_at_once_when_told() -> None:
    """At SIGTERM, until the stages run and stop by themselves: nothing is in hand yet.

    Raising, as at Ctrl-C, is not enough: what is raised inside a `__del__` is lost, and nobody asks a second time.
    """
    if callable(signal.getsignal(signal.SIGTERM)):  # as this program's commands have it
        signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(_INTERRUPTED))


def _begin_log(settings: Settings, *, debug: bool) -> None:
    as_json = settings.log_format == "json"
    log_as_worker(settings.log_level, debug=debug, as_json=as_json)
    if as_json:
        sys.excepthook = log_failure
    elif sys.excepthook is say:
        sys.excepthook = say_for_the_log


def _tell_what_runs(settings: Settings, bundle: Bundle) -> None:
    _log.info(
        "generation '%s', bundle '%s' (%s), broker %s, index %s",
        settings.generation,
        bundle.name,
        bundle.digest[:12],
        settings.brokers,
        without_login(settings.qdrant_url) if settings.index == "server" else settings.index_path.resolve(),
        extra={"generation": settings.generation, "bundle": bundle.name},
    )


def _end_with_parent() -> None:
    """Stop as at SIGTERM when standard input ends, as it does when the process at its other end is gone."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_STOPS_WITHIN_S)
    os._exit(1)


def _chosen(stages: str) -> list[StageName]:
    names = [name.strip() for name in stages.split(",") if name.strip()]
    if not names or set(names) - set(StageName):
        raise typer.BadParameter(f"'{stages}', some of {_ALL} wanted; separate them by commas", param_hint="'--stages'")
    return [stage for stage in StageName if stage in names]
