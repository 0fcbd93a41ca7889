"""A web server on loopback that hands out the files of a folder, or says that it can't just now."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web
from aiohttp.test_utils import TestServer


class ImageHost:
    """`async with ImageHost(folder) as host`; every request is answered with 503 while it is `troubled`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.troubled, self.served, self.paths = folder, False, 0, set[str]()

    def url(self, path: str) -> str:
        """Where a file of the folder is."""
        return str(self._server.make_url(f"/{path}"))

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        self._server = TestServer(app, host="127.0.0.1")
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._server.close()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if self.troubled:
            raise web.HTTPServiceUnavailable
        self.served += 1
        self.paths.add(request.match_info["path"])
        return web.FileResponse(self.folder / request.match_info["path"])
