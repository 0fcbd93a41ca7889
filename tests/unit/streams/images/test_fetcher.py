"""Turns, time limits, tries again, many at once."""

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
async def test_the_time_limit_covers_head_and_body(serve, fetcher, slow):
    site = await serve(slow)
    with pytest.raises(ImageUnavailableError, match=r"not complete after 0\.05 s"):
        await fetcher(image_timeout_s=0.05, image_retries=1).fetch(site.url())


@pytest.mark.parametrize("slow", [hang, trickle])
async def test_a_slow_server_is_tried_again(serve, fetcher, slow):
    asked = []

    async def answer(request):
        asked.append(request)
        return await (photo(request) if len(asked) > 1 else slow(request))

    site = await serve(answer)
    images = fetcher(image_timeout_s=0.05, image_retries=10)  # a busy machine needs some of them
    assert await images.fetch(site.url()) == b"photo"


async def test_the_time_limit_covers_redirects_together(serve, fetcher):
    async def dawdle(_):
        await asyncio.sleep(0.1)
        raise web.HTTPFound("/on")

    site = await serve(dawdle)
    with pytest.raises(ImageUnavailableError, match=r"not complete after 0\.25 s"):
        await fetcher(image_timeout_s=0.25, image_retries=0).fetch(site.url())


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
