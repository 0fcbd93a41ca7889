"""Serving the page, for as long as somebody wants it: the store, who follows the topics into it, and the server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Final

import uvicorn

from streams.brokers.producer import Publisher, Sent
from streams.brokers.topics import Topics
from streams.errors import SettingsError
from streams.events import Message
from streams.images import ImageFetcher
from streams.settings import Settings
from streams.web.app import create_app
from streams.web.catalogue.photos import Photos
from streams.web.faces import PROJECTIONS
from streams.web.live.feed import Feed
from streams.web.living import living
from streams.web.safety.sessions import Sessions
from streams.web.services import Services
from streams.web.store import Follower, Store

_STARTS_WITHIN_S: Final = 30.0
_CLOSES_WITHIN_S: Final = 3


@dataclass(frozen=True, slots=True)
class Served:
    """A page that is served.

    Args:
        address: where, as in `http://127.0.0.1:8000`.
        services: what it works with.
        ended: ends when the page can't go on.
    """

    address: str
    services: Services
    ended: asyncio.Future[None]

    @property
    def entrance(self) -> str:
        """The address that lets a person in, with the token where nobody chose one."""
        return f"{self.address}/enter" + (
            f"?token={self.services.sessions.token}" if self.services.sessions.made else ""
        )


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Served]:
    """Serve the page meanwhile.

    Raises:
        SettingsError: the port can't be had, or the token is missing.
        StoreError: the file can't be used.
        BrokerUnavailableError: no broker answers.
    """
    sessions = Sessions(settings)
    async with AsyncExitStack() as stack:
        store = Store(settings.web_path, PROJECTIONS)
        stack.callback(store.close)
        feed = Feed()
        follower = Follower(settings, store, feed.tell)
        publisher = await stack.enter_async_context(Publisher(settings))
        photos = Photos(settings)
        stack.push_async_callback(photos.close)
        saying, standing = _Saying(settings, publisher, follower), _Standing(follower)
        live = await stack.enter_async_context(living(settings))
        images = await stack.enter_async_context(ImageFetcher(settings.model_copy(update={"image_retries": 0})))
        services = Services(settings, store, feed, saying, sessions, standing, photos, live, images)
        following = await _task(stack, follower.run())
        listener = stack.enter_context(_listener(settings))
        server = _Server(
            uvicorn.Config(
                create_app(services),
                http="h11",  # which has a limit for what stands before a body
                log_config=None,
                access_log=False,
                lifespan="off",
                server_header=False,
                timeout_graceful_shutdown=_CLOSES_WITHIN_S,
            )
        )
        running = asyncio.ensure_future(server.serve([listener]))
        stack.push_async_callback(_stop, server, running)
        stack.callback(feed.close)
        async with asyncio.timeout(_STARTS_WITHIN_S):
            while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn has no event for it
                await asyncio.sleep(0.01)
        ended = asyncio.ensure_future(_first_to_end(following, running))
        stack.callback(ended.cancel)
        yield Served(_address(settings, listener), services, ended)


def is_free(settings: Settings) -> bool:
    """Whether the page could listen where the settings say."""
    try:
        with _listener(settings):
            return True
    except SettingsError:
        return False


class _Server(uvicorn.Server):
    """One that leaves signals to the command it runs in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Saying:
    """Publishes, and waits until the store knows it."""

    def __init__(self, settings: Settings, publisher: Publisher, follower: Follower) -> None:
        topics = Topics(settings)
        self._read = {kind.topic(topics) for one in PROJECTIONS for kind in one.applies}
        self._publisher, self._follower = publisher, follower

    async def __call__(self, messages: Sequence[Message]) -> Sequence[Sent]:
        futures = [await self._publisher.send(one.topic, one.key, one.value) for one in messages]
        sent = [await future for future in futures]
        for one in sent:
            if one.topic in self._read:
                await self._follower.until_read(one)
        return sent


@dataclass(frozen=True, slots=True)
class _Standing:
    follower: Follower

    @property
    def connected(self) -> bool:
        return self.follower.connected

    @property
    def caught_up(self) -> bool:
        return self.follower.caught_up.is_set()


async def _task(stack: AsyncExitStack, work: object) -> asyncio.Task[None]:
    task: asyncio.Task[None] = asyncio.ensure_future(work)  # type: ignore[call-overload]
    stack.push_async_callback(_cancelled, task)
    return task


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _stop(server: uvicorn.Server, running: asyncio.Future[None]) -> None:
    server.should_exit = True
    await asyncio.gather(running, return_exceptions=True)


async def _first_to_end(*tasks: asyncio.Future[None]) -> None:
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


@contextmanager
def _listener(settings: Settings) -> Iterator[socket.socket]:
    host, port = settings.web_host, settings.web_port
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(
            "setting MATCHSTREAM_WEB_PORT",
            got=f"port {port} of {host} ({(error.strerror or type(error).__name__).lower()})",
            wanted="a port that the page can have",
            remedy="choose another one with --port, 0 takes any that is free; check MATCHSTREAM_WEB_HOST",
        ) from error
    with listener:
        yield listener


def _address(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return f"http://{host}:{listener.getsockname()[1]}"


__all__ = ["Served", "is_free", "serving"]
