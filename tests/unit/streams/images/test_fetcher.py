import asyncio

import pytest
from aiohttp import web

from streams.errors import ImageFetchError, ImageUnavailableError


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


async def trickle(request):
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"x")
    await hang(request)


async def break_off(request):
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"x")
    request.transport.abort()
    return response


async def hang_up(request):
    request.transport.abort()


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


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
async def test_a_troubled_server_is_tried_again(serve, fetcher, status):
    site = await serve(answers(status, 200))
    assert await fetcher().fetch(site.url()) == b"photo"
    assert len(site.requests) == 2


@pytest.mark.parametrize("retries", [0, 2])
async def test_trying_again_ends_after_the_retries_of_the_settings(serve, fetcher, retries):
    site = await serve(answers(503))
    with pytest.raises(ImageUnavailableError, match="answer 503"):
        await fetcher(image_retries=retries).fetch(site.url())
    assert len(site.requests) == 1 + retries


@pytest.mark.parametrize("trouble", [hang_up, break_off])
async def test_a_connection_that_breaks_off_is_tried_again(serve, fetcher, trouble):
    troubled = []

    async def answer(request):
        if troubled:
            return await photo(request)
        troubled.append(request)
        return await trouble(request)

    site = await serve(answer)
    assert await fetcher().fetch(site.url()) == b"photo"


@pytest.mark.parametrize("slow", [hang, trickle])
async def test_the_time_limit_covers_head_and_body_and_a_slow_server_is_tried_again(serve, fetcher, slow):
    site = await serve(slow)
    with pytest.raises(ImageUnavailableError, match=r"not complete after 0\.05 s"):
        await fetcher(image_timeout_s=0.05, image_retries=1).fetch(site.url())
    assert len(site.requests) == 2


async def test_the_time_limit_covers_redirects_together(serve, fetcher):
    async def dawdle(_):
        await asyncio.sleep(0.1)
        raise web.HTTPFound("/on")

    site = await serve(dawdle)
    with pytest.raises(ImageUnavailableError, match=r"not complete after 0\.25 s"):
        await fetcher(image_timeout_s=0.25, image_retries=0).fetch(site.url())


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


async def test_never_more_at_once_than_the_setting(serve, fetcher):
    together, go = asyncio.Barrier(3), asyncio.Event()

    async def wait_for_others(_):
        if not go.is_set():
            await together.wait()  # passes only when three are here at once
            go.set()
        await asyncio.sleep(0)
        return web.Response(body=b"photo")

    site = await serve(wait_for_others)
    images = fetcher(image_concurrency=3)
    outcomes = await images.fetch_all([site.url(f"{n}.jpg") for n in range(30)])
    assert outcomes == [b"photo"] * 30
    assert site.busiest == 3


async def test_a_pause_between_tries_blocks_no_other_fetch(serve, fetcher):
    other_came = asyncio.Event()

    async def answer(request):
        if request.path == "/other.jpg":
            other_came.set()
        return await (photo(request) if other_came.is_set() else answers(503)(request))

    site = await serve(answer)
    images = fetcher(image_concurrency=1, image_retries=10)
    assert await images.fetch_all([site.url("first.jpg"), site.url("other.jpg")]) == [b"photo"] * 2


async def test_many_are_answered_in_their_order_with_errors_in_place(serve, fetcher, tmp_path):
    async def answer(request):
        return web.Response(body=request.path.encode()) if "good" in request.path else web.Response(status=404)

    (tmp_path / "local.jpg").write_bytes(b"local")
    site = await serve(answer)
    references = [site.url("good1"), site.url("bad"), "local.jpg", "../x", site.url("good2"), site.url("good1")]
    outcomes = await fetcher(image_root=tmp_path).fetch_all(references)
    shown = [outcome if isinstance(outcome, bytes) else type(outcome) for outcome in outcomes]
    assert shown == [b"/good1", ImageFetchError, b"local", ImageFetchError, b"/good2", b"/good1"]
    assert len(site.requests) == 3


async def test_connections_are_kept_for_the_next_image(serve, fetcher):
    ports = set()

    async def answer(request):
        ports.add(request.transport.get_extra_info("peername")[1])
        return web.Response(body=b"photo")

    site = await serve(answer)
    images = fetcher()
    for _ in range(5):
        await images.fetch(site.url())
    assert len(ports) == 1


async def test_closing_ends_the_connections_and_may_be_repeated(serve, fetcher):
    site = await serve(photo)
    async with fetcher() as images:
        await images.fetch(site.url())
        session = images._session
    assert session.closed
    await images.close()


async def test_a_cancelled_fetch_gives_its_turn_back(serve, fetcher):
    arrived = asyncio.Event()

    async def answer(request):
        if request.path == "/slow":
            arrived.set()
            await hang(request)
        return await photo(request)

    site = await serve(answer)
    images = fetcher(image_concurrency=1)
    task = asyncio.ensure_future(images.fetch(site.url("slow")))
    await arrived.wait()
    task.cancel()
    assert await images.fetch(site.url("next")) == b"photo"
