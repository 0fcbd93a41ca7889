import orjson
import pytest

from encoders.types import Content
from streams.cli.bench.alone import content_of
from streams.cli.bench.load import check_photos, load_of
from streams.errors import SettingsError
from streams.events import Listing
from streams.settings import Settings
from streams.stages.contents import PLAIN, Looks

LISTINGS = [
    {"listing_id": "a", "title": "red shoe", "price": "9.50", "currency": "GBP", "version": 3, "image": "a.jpg"},
    {"listing_id": "b", "title": "blue shoe"},
    {"listing_id": "a", "title": "red shoe, again"},
    {"listing_id": "c", "title": "green shoe"},
]


@pytest.fixture
def file(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"photo")
    path = tmp_path / "listings.jsonl"
    path.write_bytes(b"no JSON\n" + b"".join(orjson.dumps(one) + b"\n" for one in LISTINGS))
    return path


@pytest.fixture
def settings():
    return Settings(_env_file=None)


def test_each_listing_comes_once_and_no_more_than_wanted(file, settings):
    with load_of(file, None, 10) as load:
        assert [line.event.listing_id for line in load.lines] == ["a", "b", "c"]
        assert {message.topic for message in load.messages(settings)} == {"listings"}
    with load_of(file, file.parent, 2) as load:
        assert [line.event.listing_id for line in load.lines] == ["a", "b"]
        assert load.images == file.parent


def test_another_price_and_nothing_else(file, settings):
    with load_of(file, None, 2) as load:
        priced, unpriced = (orjson.loads(one.value) for one in load.repriced(settings))
    assert priced == {**LISTINGS[0], "price": "10.50", "version": 4}
    assert unpriced == {**LISTINGS[1], "price": "1", "currency": "EUR"}


def test_a_file_without_listings(tmp_path):
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(SettingsError, match="no line that can be read"), load_of(tmp_path / "empty.jsonl", None, 2):
        pass


def test_photos_of_the_web_are_refused(tmp_path, settings):
    file = tmp_path / "listings.jsonl"
    file.write_bytes(orjson.dumps({"listing_id": "a", "title": "red shoe", "image": "https://shop.example/a.jpg"}))
    with load_of(file, None, 2) as load, pytest.raises(SettingsError, match="some on the web"):
        check_photos(load, settings)


def test_the_encoders_are_given_what_the_embed_stage_gives_them(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"photo")
    listing = Listing(listing_id="a", title="red shoe", image="a.jpg")
    assert content_of(listing, PLAIN, tmp_path) == Content("red shoe", b"photo")
    assert content_of(listing, PLAIN, None) == Content("red shoe")
    assert content_of(listing, Looks(modalities=frozenset()), tmp_path) == Content("red shoe")


def test_invented_listings_have_titles_and_photos(settings):
    with load_of(None, None, 5) as load:
        assert len(load.lines) == 5
        assert sum((load.images / one).is_file() for line in load.lines for one in line.event.listing.photos) >= 3
        check_photos(load, settings)
    assert not load.images.exists()
