"""Photos as files that training can read again and again."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from fakes.trainable import events_of, picture

from streams.errors import SettingsError
from streams.learning.photos import keep_photos
from streams.learning.telling import Telling
from streams.settings import Settings


def listings_with(**images):
    return {one: event.listing for one, event in events_of(**{i: {"image": v} for i, v in images.items()}).items()}


@pytest.fixture
def root(tmp_path):
    """An image root with two photos and one that is damaged."""
    (tmp_path / "root").mkdir()
    for name, content in {
        "red.png": picture("red"),
        "blue.png": picture("blue"),
        "cut.png": picture("red")[:40],
    }.items():
        (tmp_path / "root" / name).write_bytes(content)
    return tmp_path / "root"


@pytest.fixture
def settings(root):
    return Settings(_env_file=None, image_root=root, image_allow_private=True, image_retries=0)


@pytest.fixture
def site(root):
    """The image root on a web server of this machine: its address."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(*_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root))
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_photos_under_the_image_root_stay_where_they_are(root, settings, telling, warnings, tmp_path):
    (root / "link.png").symlink_to("blue.png")
    listings = listings_with(a="red.png", b="link.png", c=str(root / "red.png"), d=None)
    found = keep_photos(listings, settings, tmp_path / "kept", telling)
    assert found == {"a": root / "red.png", "b": root / "blue.png", "c": root / "red.png"}
    assert warnings == []
    assert not (tmp_path / "kept").exists()


def test_photos_from_the_web_are_kept_once_by_what_is_in_them(site, settings, telling, tmp_path):
    kept = tmp_path / "kept"
    listings = listings_with(a=f"{site}/red.png", b=f"{site}/blue.png", c=f"{site}/red.png?again")
    found = keep_photos(listings, settings, kept, telling)
    assert found["a"] == found["c"] != found["b"]
    assert found["a"].read_bytes() == picture("red")
    assert sorted(kept.iterdir()) == sorted({found["a"], found["b"]})
    assert keep_photos(listings, settings, kept, telling) == found


@pytest.mark.parametrize(
    ("image", "said"),
    [
        ("gone.png", "no such file"),
        ("cut.png", "image of 40 bytes"),
        ("../secret.png", "a path outside the image root"),
        ("out.png", "a path outside the image root"),
        (".", "no such file"),
    ],
)
def test_a_photo_that_can_not_be_had_is_named_and_learned_from_without(root, settings, image, said):
    (root.parent / "secret.png").write_bytes(picture("red"))
    (root / "out.png").symlink_to(root.parent / "secret.png")
    warnings = []
    found = keep_photos(listings_with(a=image, b="blue.png"), settings, root.parent / "kept", Telling(warnings.append))
    assert found == {"b": root / "blue.png"}
    (warning,) = warnings
    assert warning.startswith("listing 'a': ")
    assert said in warning
    assert warning.endswith("; it is learned from without")


def test_photos_that_a_server_lacks_or_has_damaged_are_named(site, settings, telling, warnings, tmp_path):
    listings = listings_with(a=f"{site}/gone.png", b=f"{site}/cut.png")
    assert keep_photos(listings, settings, tmp_path / "kept", telling) == {}
    assert sorted(warning.split(":")[0] for warning in warnings) == ["listing 'a'", "listing 'b'"]
    assert "404" in warnings[0]
    assert not (tmp_path / "kept").exists()


def test_a_photo_of_too_many_pixels_is_named(root, settings, telling, warnings, tmp_path):
    (root / "large.png").write_bytes(picture("red", side=100))
    small = settings.model_copy(update={"image_max_pixels": 1_000})
    assert keep_photos(listings_with(a="large.png"), small, tmp_path / "kept", telling) == {}
    assert "100 x 100 pixels, 1000 pixels at most wanted" in warnings[0]


def test_without_a_root_paths_are_no_photos(settings, telling, warnings, tmp_path):
    rootless = settings.model_copy(update={"image_root": None})
    assert keep_photos(listings_with(a="red.png"), rootless, tmp_path / "kept", telling) == {}
    assert "set MATCHSTREAM_IMAGE_ROOT" in warnings[0]


def test_where_no_photo_can_be_kept_is_an_error(site, settings, telling, tmp_path):
    (tmp_path / "kept").write_bytes(b"a file")
    with pytest.raises(SettingsError, match=r"not written .* make room or write access"):
        keep_photos(listings_with(a=f"{site}/red.png"), settings, tmp_path / "kept", telling)


def test_how_many_photos_were_looked_at_is_told(settings, tmp_path):
    told = []

    def steps(what, total):
        told.append((what, total))
        return told.append

    keep_photos(listings_with(a="red.png", b="gone.png", c=None), settings, tmp_path, Telling(steps=steps))
    assert told == [("looking at photos", 2), 2]
