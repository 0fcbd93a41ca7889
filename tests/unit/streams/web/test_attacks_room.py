"""Attacks on room and time: large bodies, codecs, forged places, bad events, queues, inside addresses."""

import base64
import json
import re
import stat
import time

import pytest
from fakes.explaining import indexed
from fakes.judged_shop import match
from fakes.web import Shop, listing

from streams.errors import BusyError
from streams.settings import Settings
from streams.web.safety.limits import RateLimit
from streams.web.safety.turns import Turns


def test_only_photos_may_be_large(shop: Shop) -> None:
    large = b'{"a":[' + b"[]," * 1_000_000 + b"1]}"
    began = time.process_time()
    for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", ""):
        assert shop.client().post("/votes", content=large, headers={"Content-Type": kind}).status_code == 413
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "charset", ["punycode", "utf-7", '"idna"', "utf-8; charset=punycode", "utf-8; charset*=utf-8''idna"]
)
def test_forms_choose_no_codec(shop: Shop, charset: str) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\n' + b"9a" * 1_000 + b"\r\n--x--\r\n"
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    assert shop.client().post("/find", content=body, headers=headers).status_code == 415
    plain = {"Content-Type": "multipart/form-data; boundary=x; charset=UTF-8"}
    assert shop.client().post("/enter", content=body, headers=plain).status_code == 403


@pytest.mark.parametrize("place", [["offers", 2**63, 1], ["offers", 1, 2**63], ["offers", "x", 1], [], 7])
def test_forged_places_are_refused(shop: Shop, place: object) -> None:
    after = base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")
    assert shop.client().get("/products", params={"order": "offers", "after": after}).status_code == 422


def test_evidence_that_is_none_stops_nothing(shop: Shop) -> None:
    shop.lists(listing("a"), listing("b"))
    for evidence in (
        {"rule": "0.8<=combined<0.9.9"},
        {"rule": "combined>=."},
        {"rule": "text>=1.2.3", "text": 0.9},
        {"rule": 7},
        {"rule": "probability>=0.9", "probability": "x"},
        {"rule": "combined>=0.9", "text": None},
        {"rule": "combined>=0.9", "text": [1]},
    ):
        told = match("b", evidence)
        shop.tells_matches("a", told, review=(told,))
        for path in ("/", "/review?one=a&other=b", "/listings/a/matches"):
            assert shop.client().get(path).status_code == 200, (evidence, path)


def test_searches_have_so_much_room(shop: Shop) -> None:
    indexed(shop, listing("a"), listing("b"))
    full = [shop.services.asking.taken() for _ in range(32)]
    for one in full:
        one.__enter__()
    for path in ("/search?like=a", "/find?like=a", "/explanations?one=a&other=b", "/compare?one=a&other=b"):
        answer = shop.client().get(path)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    for one in full:
        one.__exit__(None, None, None)
    assert shop.client().get("/search?like=a").status_code == 200
    with pytest.raises(BusyError, match="photos: 0 at a time"), Turns("photos", 0).taken():
        pass


def test_many_addresses_share_what_the_limiter_keeps() -> None:
    limit = RateLimit(_nothing, Settings(_env_file=None))
    counters = {limit._counter(f"10.{n // 65_536}.{n // 256 % 256}.{n % 256}") for n in range(20_000)}
    assert 2_000 < len(counters) <= 4_096
    one_network = {limit._counter(f"2001:db8:0:7::{n:x}") for n in range(100)}
    assert len(one_network) == 1
    assert limit._counter("::ffff:10.0.0.1") == limit._counter("10.0.0.1")


async def _nothing(*_: object) -> None:
    """An application."""


def test_what_is_kept_is_the_owners(shop: Shop) -> None:
    shop.lists(listing("a"))
    for path in shop.folder.glob("web.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


INSIDE = (
    "/etc/passwd",
    "../x.png",
    "file:///etc/passwd",
    "gopher://a/",
    "http://127.0.0.1:1/",
    "http://[::1]/",
    "http://localhost:1/x",
    "http://169.254.169.254/latest",
    "http://[::ffff:10.0.0.1]/",
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_leads_inside(shop: Shop, address: str) -> None:
    indexed(shop, listing("a"))
    answer = shop.client().get("/search", params={"address": address})
    assert answer.status_code == 422
    assert re.search("a path|scheme|loopback|private|link-local", answer.json()["detail"])


def test_long_texts_and_questions_hold_nothing_up(shop: Shop) -> None:
    client = shop.client()
    shop.lists(listing("a", title="a " * 2_400), listing("b", title="1,1." * 1_200, description="9 ml x " * 14_000))
    shop.tells_matches("a", review=(match("b", {"rule": "0.8<=combined<0.9"}, 0.85),))
    began = time.process_time()
    for path in ("/browse?words=" + "a*%20" * 75, "/?words=" + "%25_" * 60, "/review", "/offers?gtin=" + "0-" * 19):
        assert client.get(path).status_code in {200, 422}
    assert client.get("/find", params={"words": "x" * 60_000}).status_code == 422
    assert time.process_time() - began < 5
