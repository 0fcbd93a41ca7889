"""`matchstream serve`: the web page and its interface."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from streams.cli.console import out
from streams.settings import Settings, load_settings


def serve(
    host: Annotated[str | None, typer.Option(metavar="ADDRESS", help="Listen on this address.")] = None,
    port: Annotated[int | None, typer.Option(metavar="PORT", min=0, max=65535, help="And on this port.")] = None,
) -> None:
    """Serve the web page: live matches, price comparison, review by people, search.

    It reads the public topics and keeps what they say in a file of its own (MATCHSTREAM_WEB_PATH). Anybody
    who reaches it may look; who judges needs the token.
    """
    given = {"web_host": host, "web_port": port}
    settings = load_settings(**{name: value for name, value in given.items() if value is not None})
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from streams.web.serving import serving  # noqa: PLC0415 - it brings FastAPI, which no other command needs

    async with serving(settings) as served:
        out.print(f"Open {served.address} in a browser; Ctrl-C ends it.", style="bold")
        out.print(f"To judge: {served.entrance}", soft_wrap=True)
        await served.ended
