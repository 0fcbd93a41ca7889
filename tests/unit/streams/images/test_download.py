"""One download: answers, sizes, redirects, and failures in words."""

import asyncio

import pytest
from aiohttp import web

from streams.errors import ImageFetchError


async def photo(_):
    return web.Response(body=b"photo")


def answers(*statuses):
    """A handler that gives these statuses one after the other, and the last one ever after."""
    left = list(statuses)

    async def answer(_):
        return web.Response(status=left.pop(0) if len(left) > 1 else left[0], body=b"photo")

    return answer


def streams(chunks):
    """A handler that sends chunks without saying how many there will be."""

    async def answer(request):
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks():
            await response.write(chunk)
        return response

    return answer


def endless():
    while True:
        yield b"x" * 10_000


async def hang(_):
    await asyncio.Event().wait()


async def test_the_bytes_come_back_whatever_the_content_type_says(serve, fetcher):
    async def answer(_):
        return web.Response(body=b"\x89PNG", content_type="application/octet-stream")

    site = await serve(answer)
    assert await fetcher().fetch(f"  {site.url()}\n") == b"\x89PNG"


async def test_requests_say_who_asks_and_carry_no_cookies(serve, fetcher, fake_dns):
    async def answer(_):
        response = web.Response(body=b"photo")
        response.set_cookie("track", "me")
        return response

    site = await serve(answer)
    images = fetcher(resolver=fake_dns(shop_example=[["127.0.0.1"]]))
    for _ in range(2):
        await images.fetch(site.url(host="shop.example"))
    headers = site.requests[1].headers
    assert headers["User-Agent"].startswith("matchstream/")
    assert "Cookie" not in headers


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206, 304, 300])
async def test_any_other_answer_than_200_is_refused_and_not_tried_again(serve, fetcher, status):
    site = await serve(answers(status))
    with pytest.raises(ImageFetchError, match=rf"answer {status}, 200 wanted") as caught:
        await fetcher().fetch(site.url())
    assert not caught.value.retryable
    assert len(site.requests) == 1


async def test_a_refused_connection_is_told_with_its_host(fetcher, unused_tcp_port):
    with pytest.raises(ImageFetchError, match=r"no connection to '127\.0\.0\.1'"):
        await fetcher().fetch(f"http://127.0.0.1:{unused_tcp_port}/x.jpg")


async def test_an_unknown_name_is_told(fetcher, fake_dns):
    with pytest.raises(ImageFetchError, match=r"no connection to 'nowhere\.example' \(Name or service not known\)"):
        await fetcher(resolver=fake_dns()).fetch("http://nowhere.example/x.jpg")


async def test_a_server_that_speaks_no_tls_is_told(serve, fetcher):
    site = await serve(photo)
    with pytest.raises(ImageFetchError, match="no trusted TLS connection"):
        await fetcher().fetch(site.url().replace("http:", "https:"))


async def test_what_is_not_http_is_refused(fetcher):
    async def babble(_, writer):
        writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(ImageFetchError):
            await fetcher(image_retries=0).fetch(f"http://127.0.0.1:{port}/")


async def test_a_declared_size_over_the_limit_is_refused_before_the_body(serve, fetcher):
    async def announce(request):
        response = web.StreamResponse(headers={"Content-Length": "1001"})
        await response.prepare(request)
        return await hang(request)

    site = await serve(announce)
    with pytest.raises(ImageFetchError, match="more than 1,000 bytes"):
        await fetcher(image_max_bytes=1_000).fetch(site.url())
    assert len(site.requests) == 1


async def test_a_size_that_was_not_declared_is_counted_and_the_limit_is_exact(serve, fetcher):
    fits = await serve(streams(lambda: [b"x" * 500] * 2))
    exceeds = await serve(streams(lambda: [b"x" * 500, b"x" * 501]))
    images = fetcher(image_max_bytes=1_000)
    assert await images.fetch(fits.url()) == b"x" * 1_000
    with pytest.raises(ImageFetchError, match="more than 1,000 bytes"):
        await images.fetch(exceeds.url())


async def test_an_endless_body_is_given_up_at_the_limit(serve, fetcher):
    site = await serve(streams(endless))
    with pytest.raises(ImageFetchError, match=r"more than 100,000 bytes.*MATCHSTREAM_IMAGE_MAX_BYTES"):
        await fetcher(image_max_bytes=100_000).fetch(site.url())


@pytest.mark.parametrize(
    ("response", "reason"),
    [
        ({"body": b""}, "an empty answer"),
        ({"text": "<p>Not here</p>", "content_type": "text/html"}, "a web page"),
        ({"body": b"x", "headers": {"Content-Encoding": "gzip"}}, "compressed content"),
    ],
)
async def test_what_can_be_no_image_is_refused(serve, fetcher, response, reason):
    async def answer(_):
        return web.Response(**response)

    site = await serve(answer)
    with pytest.raises(ImageFetchError, match=reason):
        await fetcher().fetch(site.url())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed_relative_ones_too(serve, fetcher, status):
    async def answer(request):
        if request.path == "/a/end.jpg":
            return web.Response(body=b"photo")
        return web.Response(status=status, headers={"Location": "end.jpg"})

    site = await serve(answer)
    assert await fetcher().fetch(site.url("a/begin.jpg")) == b"photo"


async def test_five_redirects_are_followed_and_six_are_not(serve, fetcher):
    async def count_down(request):
        left = int(request.path.strip("/"))
        return web.Response(status=302, headers={"Location": f"/{left - 1}"}) if left else await photo(request)

    site = await serve(count_down)
    images = fetcher()
    assert await images.fetch(site.url("5")) == b"photo"
    with pytest.raises(ImageFetchError, match="more than 5 redirects"):
        await images.fetch(site.url("6"))


async def test_a_redirect_to_itself_ends(serve, fetcher):
    async def again(request):
        raise web.HTTPFound(request.path)

    site = await serve(again)
    with pytest.raises(ImageFetchError, match="more than 5 redirects"):
        await fetcher().fetch(site.url())
    assert len(site.requests) == 6


@pytest.mark.parametrize("headers", [{}, {"Location": "http://[::1"}, {"Location": "http://h:99999/"}])
async def test_a_redirect_to_nowhere_is_refused(serve, fetcher, headers):
    async def answer(_):
        return web.Response(status=302, headers=headers)

    site = await serve(answer)
    with pytest.raises(ImageFetchError, match="a redirect"):
        await fetcher().fetch(site.url())


async def test_messages_hold_no_password_and_no_query(serve, fetcher):
    site = await serve(answers(404))
    url = site.url("x.jpg?token=secret").replace("http://", "http://ann:secret@")
    with pytest.raises(ImageFetchError) as caught:
        await fetcher().fetch(url)
    assert "secret" not in str(caught.value)
    assert "127.0.0.1" in str(caught.value)


async def test_a_name_without_an_address_is_told(fetcher, fake_dns):
    with pytest.raises(ImageFetchError, match=r"no connection to 'empty\.example' \(no usable address\)"):
        await fetcher(resolver=fake_dns(empty_example=[[]])).fetch("http://empty.example/x.jpg")
