"""A seller's URL never leads into the network that matchstream runs in."""

from ipaddress import IPv4Address

import pytest
from aiohttp import web
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from streams.errors import ImageFetchError, MatchstreamError

FORBIDDEN = "MATCHSTREAM_IMAGE_ALLOW_PRIVATE"
PUBLIC = "93.184.215.14"


async def photo(_):
    return web.Response(body=b"photo")


def one_public_address(address):
    """The judgement of a world where 127.0.0.1 is public, so that a test can have a server there."""
    return None if address == IPv4Address("127.0.0.1") else "private"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "１２７.0.0.1"],  # noqa: RUF001 - a disguise
)
async def test_a_forbidden_address_written_in_the_url_is_not_connected_to(serve, fetcher, host):
    site = await serve(photo)
    with pytest.raises(ImageFetchError, match=FORBIDDEN):
        await fetcher(image_allow_private=False).fetch(site.url(host=host))
    assert not site.requests


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0x7f000001", "017700000001", "0177.0.0.1", "127.1", "127.0.0.1."]
)
@pytest.mark.parametrize("allow_private", [False, True])
async def test_an_address_in_a_disguised_form_is_not_connected_to(serve, fetcher, fake_dns, host, allow_private):
    site = await serve(photo)
    resolver = None if not allow_private else fake_dns()  # the system's would turn 0x7f.1 into 127.0.0.1, as allowed
    with pytest.raises(ImageFetchError):
        await fetcher(image_allow_private=allow_private, resolver=resolver).fetch(site.url(host=host))
    assert not site.requests


async def test_localhost_is_refused_with_the_system_s_resolver(serve, fetcher):
    site = await serve(photo)
    with pytest.raises(ImageFetchError, match=r"host 'localhost' at (127\.0\.0\.1|::1), which is loopback"):
        await fetcher(image_allow_private=False).fetch(site.url(host="localhost"))
    assert not site.requests


async def test_a_public_name_with_a_private_address_is_refused(serve, fetcher, fake_dns):
    site = await serve(photo)
    images = fetcher(image_allow_private=False, resolver=fake_dns(shop_example=[["127.0.0.1"]]))
    with pytest.raises(ImageFetchError, match=r"host 'shop\.example' at 127\.0\.0\.1, which is loopback"):
        await images.fetch(site.url(host="shop.example"))
    assert not site.requests


@pytest.mark.parametrize("answer", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC], [PUBLIC, "::1"]])
async def test_one_private_address_spoils_a_name(serve, fetcher, fake_dns, answer):
    site = await serve(photo)
    images = fetcher(image_allow_private=False, resolver=fake_dns(shop_example=[answer]))
    with pytest.raises(ImageFetchError, match="loopback"):
        await images.fetch(site.url(host="shop.example"))
    assert not site.requests


async def test_a_refusal_is_not_tried_again(fetcher, fake_dns):
    dns = fake_dns(shop_example=[["10.0.0.1"]])
    with pytest.raises(ImageFetchError) as caught:
        await fetcher(image_allow_private=False, resolver=dns).fetch("http://shop.example/x.jpg")
    assert dns.lookups == ["shop.example"]
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "http://metadata.example/", "//127.0.0.2/x", "http://[::ffff:a9fe:a9fe]/"],
)
async def test_a_redirect_to_a_private_address_is_not_followed(serve, fetcher, fake_dns, target):
    async def lead_astray(_):
        raise web.HTTPFound(target)

    site = await serve(lead_astray)
    dns = fake_dns(shop_example=[["127.0.0.1"]], metadata_example=[["169.254.169.254"]])
    images = fetcher(image_allow_private=False, resolver=dns, judge=one_public_address)
    with pytest.raises(ImageFetchError, match=FORBIDDEN):
        await images.fetch(site.url(host="shop.example"))
    assert len(site.requests) == 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://shop.example/x", "data:image/png;base64,AA"])
async def test_a_redirect_to_another_scheme_is_not_followed(serve, fetcher, target):
    async def lead_astray(_):
        return web.Response(status=302, headers={"Location": target})

    site = await serve(lead_astray)
    with pytest.raises(ImageFetchError, match="redirected to"):
        await fetcher().fetch(site.url())
    assert len(site.requests) == 1


async def test_dns_that_turns_private_between_two_connections_is_refused(serve, fetcher, fake_dns):
    other = await serve(photo)

    async def lead_on(_):
        raise web.HTTPFound(other.url(host="shop.example"))

    site = await serve(lead_on)
    dns = fake_dns(shop_example=[["127.0.0.1"], ["127.0.0.2"]])
    images = fetcher(image_allow_private=False, resolver=dns, judge=one_public_address)
    with pytest.raises(ImageFetchError, match=r"host 'shop\.example' at 127\.0\.0\.2, which is private"):
        await images.fetch(site.url(host="shop.example"))
    assert dns.lookups == ["shop.example"] * 2
    assert (len(site.requests), len(other.requests)) == (1, 0)


async def test_a_name_is_looked_up_once_so_dns_can_t_change_before_it_is_connected_to(serve, fetcher, fake_dns):
    site = await serve(photo)
    dns = fake_dns(shop_example=[["127.0.0.1"], ["127.0.0.2"]])
    images = fetcher(image_allow_private=False, resolver=dns, judge=one_public_address)
    assert await images.fetch(site.url(host="shop.example")) == b"photo"
    assert dns.lookups == ["shop.example"]


async def test_private_addresses_are_fetched_from_when_the_setting_allows_them(serve, fetcher, fake_dns):
    site = await serve(photo)
    images = fetcher(image_allow_private=True, resolver=fake_dns(shop_example=[["127.0.0.1"]]))
    assert await images.fetch(site.url(host="shop.example")) == b"photo"
    assert await images.fetch(site.url()) == b"photo"


async def test_a_proxy_in_the_environment_is_not_used(serve, fetcher, monkeypatch):
    site, proxy = await serve(photo), await serve(photo)
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url(""))
    assert await fetcher().fetch(site.url()) == b"photo"
    assert not proxy.requests


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text() | st.from_regex(r"https?://[^\n]{0,30}", fullmatch=True))
@example("HTTP://Ā@0")
@example("http://a%3Ab@h/")
@example("http://[a]b@/")
async def test_no_reference_whatever_raises_anything_but_an_error_in_words(fetcher, fake_dns, reference):
    with pytest.raises(MatchstreamError):
        await fetcher(resolver=fake_dns(), image_allow_private=False).fetch(reference)


@pytest.mark.parametrize(
    "reference",
    [
        "http://{public}@127.0.0.1:{port}/",
        "http://{public}:80@127.0.0.1:{port}/",
        "http://127.0.0.1:{port}#@{public}/",
        "http://127.0.0.1:{port}?@{public}/",
        "http://0.0.0.0:{port}/",
        "http://[::]:{port}/",
        "http://0:{port}/",
        "http://[0:0:0:0:0:ffff:127.0.0.1]:{port}/",
        "http://[fe80::1%25lo]:{port}/",
        "http:/\\127.0.0.1:{port}/",
        "http://127.0.0.1\\@{public}:{port}/",
        "http://%31%32%37.0.0.1:{port}/",
        "http://127。0。0。1:{port}/",
    ],
)
async def test_a_forbidden_host_behind_a_disguise_is_not_connected_to(serve, fetcher, fake_dns, reference):
    site = await serve(photo)
    reference = reference.format(public=PUBLIC, port=site.port)
    with pytest.raises(ImageFetchError):
        await fetcher(image_allow_private=False, resolver=fake_dns(), image_timeout_s=1.0).fetch(reference)
    assert not site.requests


async def test_what_is_connected_to_is_what_was_judged_whatever_dns_says_by_then(serve, fetcher, fake_dns):
    """The socket's own address is judged as well: it would hold even if the name were looked up between the two."""
    site = await serve(photo)
    judged = []

    def judge(address):
        judged.append(str(address))
        return one_public_address(address)

    dns = fake_dns(shop_example=[["127.0.0.1"], ["127.0.0.2"]])
    images = fetcher(image_allow_private=False, resolver=dns, judge=judge)
    assert await images.fetch(site.url(host="shop.example")) == b"photo"
    assert judged == ["127.0.0.1", "127.0.0.1"]
    assert [request.remote for request in site.requests] == ["127.0.0.1"]
