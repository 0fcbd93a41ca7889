"""`matchstream serve`: the web page and its interface."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import httpx
import typer

from streams.cli.console import out
from streams.cli.failures import log_failure
from streams.cli.logs import log_as_worker
from streams.errors import WebError
from streams.settings import Settings, load_settings

_ANSWERS_WITHIN_S = 10.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - where to ask, when it listens there


def serve(
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Listen on this address.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65535, help="And on this port.")] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Only say whether one is up to date: exit code 0 or 1.")
    ] = False,
) -> None:
    """Serve the web page: live matches, price comparison, review by people, search.

    It reads the public topics and keeps what they say in a file of its own (MATCHSTREAM_WEB_PATH). Anybody
    who reaches it may look; who judges needs the token.
    """
    given = {"web_host": host, "web_port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    if check:
        _check(settings)
        return
    as_json = settings.log_format == "json"
    log_as_worker(settings.log_level, debug=False, as_json=as_json)
    if as_json:
        sys.excepthook = log_failure
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from streams.web.serving import serving  # noqa: PLC0415 - it brings FastAPI, which no other command needs

    async with serving(settings) as served:
        out.print(f"Open {served.address} in a browser; Ctrl-C ends it.", style="bold")
        out.print(f"To judge: {served.entrance}", soft_wrap=True)
        await served.ended


def _check(settings: Settings) -> None:
    host = _EVERYWHERE.get(settings.web_host, settings.web_host)
    address = f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{settings.web_port}/healthz"
    try:
        answer = httpx.get(address, timeout=_ANSWERS_WITHIN_S)
    except httpx.HTTPError as error:
        got, remedy = f"no answer ({type(error).__name__})", "start 'matchstream serve', or look at its log"
        raise WebError(f"page {address}", got=got, wanted="one that is served", remedy=remedy) from error
    if answer.status_code != httpx.codes.OK:
        remedy = "wait while it reads the topics, or see whether the broker answers"
        raise WebError(f"page {address}", got=answer.text.strip(), wanted="one that is up to date", remedy=remedy)
    out.print("up to date")
