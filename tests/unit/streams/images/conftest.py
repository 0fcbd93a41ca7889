"""A web server on loopback, whose answers each test gives, and a made-up DNS."""

import socket
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver
from aiohttp.test_utils import TestServer

from streams.images.fetcher import ImageFetcher
from streams.settings import Settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A running server: its address, the requests it got, how many it was answering at once."""

    def __init__(self, answer: Handler) -> None:
        self.answer, self.requests, self.busy, self.busiest = answer, [], 0, 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            return await self.answer(request)
        finally:
            self.busy -= 1

    async def start(self) -> "Site":
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self.handle)
        self.server = TestServer(app, host="127.0.0.1")
        await self.server.start_server()
        self.port = self.server.port
        return self

    def url(self, path: str = "photo.jpg", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}/{path}"


class FakeDns(AbstractResolver):
    """Names to addresses; several lists for one name are the answers of one lookup after the other."""

    def __init__(self, **names: list[list[str]]) -> None:
        self.names = {name.replace("_", "."): answers for name, answers in names.items()}
        self.lookups: list[str] = []

    async def resolve(self, host, port=0, family=socket.AF_UNSPEC):  # noqa: ARG002 - the port's signature
        self.lookups.append(host)
        if host not in self.names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answers = self.names[host]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return [self._result(host, port, address) for address in answer]

    @staticmethod
    def _result(host, port, address):
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return {"hostname": host, "host": address, "port": port, "family": kind, "proto": 0, "flags": 0}

    async def close(self):
        pass


@pytest.fixture
def fake_dns() -> type[FakeDns]:
    return FakeDns


@pytest.fixture
async def serve():
    """Start a server that answers every request with the coroutine given."""
    sites = []

    async def start(answer: Handler) -> Site:
        sites.append(await Site(answer).start())
        return sites[-1]

    yield start
    for site in sites:
        await site.server.close()


@pytest.fixture
async def fetcher():
    """Make a fetcher from settings and the fakes it is to use; private addresses are allowed unless told."""
    fetchers = []

    def make(*, resolver=None, judge=None, **settings) -> ImageFetcher:
        fakes = {"resolver": resolver} | ({"judge": judge} if judge else {})
        values = {"image_allow_private": True, "image_retries": 2, "image_timeout_s": 30.0} | settings
        fetchers.append(ImageFetcher(Settings(_env_file=None, **values), pause_s=0.001, **fakes))
        return fetchers[-1]

    yield make
    for made in fetchers:
        await made.close()
