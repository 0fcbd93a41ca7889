"""Servers that send what no server should: each is given up in words, after bounded bytes and within its time."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from streams.errors import ImageFetchError

HEAD = b"HTTP/1.1 200 OK\r\n"
PLENTY = 3_000_000
"""Bytes: more than the sockets' buffers on both sides hold and any limit of this file."""
MAX_BYTES = 100_000


class Server:
    """Sends its bytes to whoever connects, whatever is asked; counts what it could send, and who came."""

    def __init__(self, begin: bytes, again: bytes = b"", pause_s: float = 0.0) -> None:
        self.begin, self.again, self.pause_s = begin, again, pause_s
        self.sent = self.visits = 0
        self.ended = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            await self.send(writer, self.begin)
            while self.again:
                await self.send(writer, self.again)
                await asyncio.sleep(self.pause_s)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self.ended.set()

    async def send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()
        self.sent += len(data)

    @asynccontextmanager
    async def running(self):
        server = await asyncio.start_server(self.handle, "127.0.0.1", 0)
        async with server:
            yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/photo.jpg"


async def refusal(fetcher, server: Server, **settings) -> str:
    values = {"image_retries": 0, "image_max_bytes": MAX_BYTES} | settings
    async with server.running() as url:
        with pytest.raises(ImageFetchError) as caught:
            await fetcher(**values).fetch(url)
        if server.visits:  # whose time ended before it was there at all did not come
            await asyncio.wait_for(server.ended.wait(), 60)
    words = str(caught.value)
    assert len(words) < 400
    assert len(words.splitlines()) == 1
    return words


@pytest.mark.parametrize(
    ("begin", "again"),
    [
        (HEAD, b"X-More: " + b"x" * 2_000 + b"\r\n"),
        (HEAD + b"X-Long: ", b"x" * 10_000),
        (HEAD[:9], b"2" * 10_000),
        (HEAD + b"\r\n", b"x" * 10_000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n", b"X-Trailer: " + b"x" * 2_000 + b"\r\n"),
        (b"", b"\0" * 10_000),
    ],
    ids=["headers", "one header", "status", "body", "chunks", "trailers", "zeros"],
)
async def test_an_answer_without_an_end_is_given_up(fetcher, begin, again):
    server = Server(begin, again)
    await refusal(fetcher, server, image_timeout_s=3.0)
    assert server.visits == 1
    assert server.sent < PLENTY * 4


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: -5\r\n",
        b"Content-Length: abc\r\n",
        b"Content-Length: 5, 6\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n",
        b"Content-Length: " + b"9" * 5_000 + b"\r\n",
        b"Content-Length: 99999999999999999999\r\n",
        b"Content-Length: 0\r\n",
        b"Content-Length: 10\r\n",
        b"Content-Length: 3\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Content-Type: " + b";" * 3_000 + b"\r\nContent-Length: 0\r\n",
        b"Content-Encoding: gzip\r\nContent-Length: 5\r\n",
    ],
)
async def test_a_head_that_lies_about_the_body_is_told_in_words(fetcher, head):
    await refusal(fetcher, Server(HEAD + head + b"\r\n12345"), image_timeout_s=3.0)


async def test_a_line_that_nobody_keeps_may_go_on_only_as_long_as_the_limit(fetcher):
    server = Server(HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;x=", b"x" * 1_000, pause_s=0.001)
    assert "not complete after 0.1 s" in await refusal(fetcher, server, image_timeout_s=0.1)


async def test_one_byte_at_a_time_does_not_prolong_the_limit(fetcher):
    server = Server(HEAD + b"\r\n", b"x", pause_s=0.01)
    assert "not complete after 0.1 s" in await refusal(fetcher, server, image_timeout_s=0.1)
    assert server.sent < 100


async def test_answers_before_the_answer_do_not_prolong_the_limit(fetcher):
    server = Server(b"", b"HTTP/1.1 100 Continue\r\n\r\n", pause_s=0.001)
    assert "not complete after 0.1 s" in await refusal(fetcher, server, image_timeout_s=0.1)


async def test_a_redirect_s_own_body_is_not_read(fetcher):
    server = Server(b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n", b"x" * 10_000)
    assert "redirected to" in await refusal(fetcher, server)
    assert server.sent < PLENTY * 4


@pytest.mark.parametrize(
    "location", [b"http://[x]t@/", b"http://\xff\xfe/", b"\\\\127.0.0.1\\x", b"http://" + b"a" * 7_000]
)
async def test_a_redirect_to_what_is_no_url_is_refused(fetcher, location):
    head = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    await refusal(fetcher, Server(head), image_timeout_s=1.0)
