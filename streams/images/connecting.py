"""The HTTP session that images are fetched with.

Addresses are judged where connections are made, twice: all that DNS answers, so that one forbidden
address spoils a name, and then the very address a socket is made for, which covers IP addresses
written in a URL (aiohttp does not resolve these) and leaves DNS no moment to change its answer.
"""

from __future__ import annotations

import socket
from importlib.metadata import version

from aiohttp import (
    AddrInfoType,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    SocketFactoryType,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver, ResolveResult

from streams.images.addresses import Judge, ensure_allowed

_HEADERS = {
    "Accept": "image/*,*/*;q=0.5",
    # Nothing is decompressed on the way, so the size limit is the limit of what comes over the wire.
    "Accept-Encoding": "identity",
    "User-Agent": f"matchstream/{version('matchstream')}",
}


class JudgedResolver(AbstractResolver):
    """Resolves names with another resolver and refuses a name if any address of it is forbidden."""

    def __init__(self, inner: AbstractResolver, judge: Judge) -> None:
        self._inner, self._judge = inner, judge

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of a name, each of them judged.

        Raises:
            ForbiddenAddressError: one of them is forbidden.
            OSError: there is none.
        """
        results = await self._inner.resolve(host, port, family)
        for result in results:
            ensure_allowed(host, result["host"], self._judge)
        if not results:
            raise socket.gaierror(socket.EAI_NONAME, "no usable address")
        return results

    async def close(self) -> None:
        """Close the resolver inside."""
        await self._inner.close()


def judged_sockets(judge: Judge) -> SocketFactoryType:
    """A maker of sockets that makes none for a forbidden address."""

    def make(info: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, destination = info
        address = str(destination[0])
        ensure_allowed(address, address, judge)
        return socket.socket(family, kind, protocol)

    return make


def open_session(connections: int, judge: Judge, resolver: AbstractResolver | None = None) -> ClientSession:
    """A session without cookies, proxies and time limits of its own; call it inside the event loop.

    Args:
        connections: kept open at once, at most.
        judge: decides which addresses may be connected to.
        resolver: what names are resolved with, or None for the operating system.
    """
    connector = TCPConnector(
        limit=connections,
        resolver=JudgedResolver(resolver or ThreadedResolver(), judge),
        socket_factory=judged_sockets(judge),
    )
    return ClientSession(
        connector=connector,
        headers=_HEADERS,
        timeout=ClientTimeout(total=None),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
    )
