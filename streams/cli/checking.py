"""Asking a worker how it is: `matchstream worker --check` and `--ready`, made for health checks."""

from __future__ import annotations

import typer

from streams.cli.console import err, printable
from streams.errors import SettingsError
from streams.health import ask
from streams.heartbeat import is_alive
from streams.settings import Settings


def check_alive(settings: Settings) -> None:
    """Say whether a worker lives: by its page where settings name a port, otherwise by its heartbeat file.

    Raises:
        Exit: it does not.
        SettingsError: neither is set.
    """
    if settings.health_port:
        _ask(settings, "/healthz", "alive")
    elif settings.heartbeat_file is None:
        raise SettingsError(
            "settings MATCHSTREAM_HEALTH_PORT and MATCHSTREAM_HEARTBEAT_FILE",
            got="neither",
            wanted="the port that the worker listens on, or the file that it touches",
            remedy="set one for the worker and the check alike",
        )
    elif is_alive(settings.heartbeat_file):
        err.print(f"a worker touched '{settings.heartbeat_file}' just now")
    else:
        err.print(f"no worker has touched '{settings.heartbeat_file}' lately")
        raise typer.Exit(1)


def check_ready(settings: Settings) -> None:
    """Say whether a worker does its share, and what keeps it from that.

    Raises:
        Exit: it does not.
        SettingsError: no port is set.
    """
    if not settings.health_port:
        raise SettingsError(
            "setting MATCHSTREAM_HEALTH_PORT",
            got="none",
            wanted="the port that the worker listens on",
            remedy="set it for the worker and the check alike",
        )
    _ask(settings, "/readyz", "ready")


def _ask(settings: Settings, page: str, state: str) -> None:
    answer = ask(settings, page)
    if answer.ok:
        err.print(f"the worker is {state}")
        return
    for reason in answer.reasons:
        err.print(printable(f"not {state}: {reason}"))
    raise typer.Exit(1)
