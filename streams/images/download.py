"""One try at downloading one image: redirects, size limit, and what went wrong in words."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ServerDisconnectedError,
)
from yarl import URL

from streams.errors import ImageFetchError, ImageUnavailableError
from streams.images.addresses import ForbiddenAddressError
from streams.images.references import parse_url, read_url, subject

MAX_REDIRECTS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK_BYTES = 65_536
_PASSING_ERRNOS = {errno.ECONNRESET, errno.ECONNABORTED, errno.EPIPE, errno.ETIMEDOUT, socket.EAI_AGAIN}


@dataclass(frozen=True, slots=True)
class Download:
    """One image to download.

    Args:
        reference: the URL in the listing.
        max_bytes: a larger image is given up as soon as its size shows.
    """

    reference: str
    max_bytes: int

    async def run(self, session: ClientSession) -> bytes:
        """Try once.

        Raises:
            ImageFetchError: it can't be had; trying again gives the same.
            ImageUnavailableError: it can't be had now.
        """
        url = read_url(self.reference, said_by=subject(self.reference))
        try:
            for _ in range(MAX_REDIRECTS + 1):
                async with session.get(url, allow_redirects=False) as response:
                    if response.status not in _REDIRECTS:
                        return await self._body(response)
                    url = self._target(response)
        except ClientError as error:
            raise self._explain(error, url) from error
        except ValueError as error:  # what aiohttp can't send, as a user name with a colon
            raise self._refusal("a URL that can't be requested", wanted="an image") from error
        raise self._refusal(f"more than {MAX_REDIRECTS} redirects", wanted="an image")

    def _target(self, response: ClientResponse) -> URL:
        """Where a redirect leads; its address is judged when it is connected to."""
        location = response.headers.get("Location")
        if not location:
            raise self._refusal("a redirect that leads nowhere", wanted="an image")
        try:
            target = str(response.url.join(parse_url(location)))
        except ValueError as error:
            raise self._refusal("a redirect to what is not a URL", wanted="an image") from error
        return read_url(target, said_by=f"{subject(self.reference)} redirected to {subject(target)}")

    async def _body(self, response: ClientResponse) -> bytes:
        self._check_head(response)
        body = bytearray()
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body += chunk
            self._check_size(len(body))
        if not body:
            raise self._refusal("an empty answer", wanted="an image")
        return bytes(body)

    def _check_head(self, response: ClientResponse) -> None:
        status = response.status
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise self._unavailable(f"answer {status}")
        if status != HTTPStatus.OK:
            raise self._refusal(f"answer {status}", wanted="200")
        if response.content_type == "text/html":
            raise self._refusal("a web page", wanted="an image")
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in {"", "identity"}:
            raise self._refusal("compressed content", wanted="the image file as it is")
        self._check_size(response.content_length or 0)

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self.max_bytes:
            remedy = "publish a smaller image, or raise MATCHSTREAM_IMAGE_MAX_BYTES"
            got = f"more than {self.max_bytes:,} bytes"
            raise ImageFetchError(subject(self.reference), got=got, wanted="a smaller file", remedy=remedy)

    def _explain(self, error: ClientError, url: URL) -> ImageFetchError:
        """What a failed request was, in words. `str(error)` is left out: it may hold the whole URL."""
        if isinstance(error, ClientSSLError):
            return self._refusal(f"no trusted TLS connection to '{url.host}'", wanted="an image")
        if isinstance(error, ClientConnectorError) and isinstance(error.os_error, ForbiddenAddressError):
            return self._forbidden(error.os_error)
        if isinstance(error, ServerDisconnectedError | ClientPayloadError):
            return self._unavailable("a connection that broke off")
        if isinstance(error, OSError):
            got = f"no connection to '{url.host}' ({error.strerror or 'no reason given'})"
            return self._unavailable(got) if error.errno in _PASSING_ERRNOS else self._refusal(got, wanted="an image")
        return self._refusal(f"no usable answer ({error.__class__.__name__})", wanted="an image")

    def _forbidden(self, error: ForbiddenAddressError) -> ImageFetchError:
        remedy = "publish images at public addresses, or set MATCHSTREAM_IMAGE_ALLOW_PRIVATE=true"
        return ImageFetchError(subject(self.reference), got=str(error), wanted="a public address", remedy=remedy)

    def _refusal(self, got: str, *, wanted: str) -> ImageFetchError:
        return ImageFetchError(subject(self.reference), got=got, wanted=wanted, remedy="check the listing's image")

    def _unavailable(self, got: str) -> ImageUnavailableError:
        remedy = "it is tried again later"
        return ImageUnavailableError(subject(self.reference), got=got, wanted="an image", remedy=remedy)
