"""Photos: made small here, kept, and only of listings that are known."""

import os
import time
from io import BytesIO
from pathlib import Path

import pytest
from fakes.web import Shop, listing
from PIL import Image

from streams.errors import ImageUnavailableError
from streams.web.catalogue import photos as module
from streams.web.catalogue.photos import Photos, Size
from streams.web.store import Kind


def picture(width: int = 1200, height: int = 600, kind: str = "PNG") -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, kind)
    return buffer.getvalue()


class Host:
    """Where photos come from; `away` while it does not answer."""

    def __init__(self, data: bytes) -> None:
        self.data, self.asked, self.away = data, 0, False

    async def fetch(self, _reference: str) -> bytes:
        self.asked += 1
        if self.away:
            raise ImageUnavailableError("image", got="503", wanted="an image", remedy="try again")
        return self.data

    async def fetch_all(self, references):
        raise NotImplementedError


def test_a_photo_is_small_ours_and_kept_by_browsers(shop: Shop) -> None:
    path = shop.folder / "lamp.png"
    path.write_bytes(picture())
    shop.lists(listing("a/1", image="lamp.png"))
    for size, pixels in (("small", (320, 160)), ("large", (1000, 500))):
        answer = shop.client().get("/photo", params={"listing": "a/1", "size": size})
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, max-age=3600"
        assert Image.open(BytesIO(answer.content)).size == pixels
    assert shop.client().get("/photo?listing=a/1&size=huge").status_code == 422


def test_a_photo_that_can_not_be_had_is_a_placeholder(shop: Shop) -> None:
    (shop.folder / "text.png").write_text("<svg onload=alert(1)>")
    (shop.folder.parent / "secret.png").write_bytes(picture())
    images = [None, "missing.png", "text.png", "../secret.png", "http://127.0.0.1:9/x.png", "file:///etc/passwd"]
    shop.lists(*(listing(f"a{number}", image=image) for number, image in enumerate(images)))
    client = shop.client()
    for number, image in enumerate(images):
        answer = client.get(f"/photo?listing=a{number}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (404, "image/svg+xml"), image
        assert answer.headers["Cache-Control"] == "private, max-age=300"
        assert b"onload" not in answer.content


def test_nothing_is_fetched_for_listings_that_are_not_offered(shop: Shop) -> None:
    (shop.folder / "lamp.png").write_bytes(picture())
    shop.lists(listing("a1", image="lamp.png"))
    shop.hears(Kind.LISTINGS, shop.record(Kind.LISTINGS, "a1", None, 1_767_225_700_000))
    assert shop.client().get("/photo?listing=a1").status_code == 404
    assert shop.client().get("/photo?listing=lamp.png").status_code == 404
    assert not list(shop.folder.glob("*-photos"))


async def test_its_host_is_asked_once_for_all_sizes_and_again_the_next_day(shop: Shop) -> None:
    host = Host(picture())
    photos = Photos(shop.settings, host)
    assert await photos.photo("x", Size.LARGE)
    assert await photos.photo("x ", Size.SMALL)
    assert host.asked == 1
    files = list(shop.folder.glob("*-photos/*/*.jpg"))
    assert len(files) == 2
    for file in files:
        os.utime(file, (time.time() - 90_000,) * 2)
    host.away = True
    assert await photos.photo("x", Size.SMALL)  # an old one is better than none
    assert host.asked == 2
    assert await photos.photo("x", Size.SMALL)
    assert host.asked == 2  # for some minutes
    await photos.close()


async def test_a_host_that_does_not_answer_is_left_alone_for_a_while(shop: Shop) -> None:
    host = Host(picture())
    host.away = True
    photos = Photos(shop.settings, host)
    assert [await photos.photo("x", Size.SMALL) for _ in range(3)] == [None] * 3
    assert host.asked == 1
    await photos.close()


def test_the_newest_photos_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PER_FOLDER", 3)
    for age in range(5):
        (tmp_path / f"{age}.jpg").write_bytes(b"x")
        os.utime(tmp_path / f"{age}.jpg", (1_000 - age,) * 2)
    module._keep_newest(tmp_path)
    assert sorted(file.stem for file in tmp_path.iterdir()) == ["0", "1", "2"]
