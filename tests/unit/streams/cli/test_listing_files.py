import io
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from streams.brokers.topics import MESSAGE_BYTES
from streams.cli.listing_files import BrokenLine, Line, count_lines, left_out, read_lines
from streams.errors import SettingsError

A, B = b'{"listing_id": "a", "title": "red shoe"}', b'{"listing_id": "b", "title": "blue shoe"}'


@pytest.fixture
def file(tmp_path):
    def write(content):
        path = tmp_path / "listings.jsonl"
        path.write_bytes(content)
        return path

    return write


def lines(path, images=None):
    return list(read_lines(path, "listings", images))


def ids(found):
    return [(one.number, one.event.listing_id) for one in found]


def test_lines_keep_their_numbers_and_blank_ones_are_left_out(file):
    path = file(b"\n" + A + b"\n   \n\n" + B)
    assert ids(lines(path)) == [(2, "a"), (5, "b")]
    assert count_lines(path) == 2


def test_a_byte_order_mark_and_carriage_returns_are_skipped(file):
    found = lines(file(b"\xef\xbb\xbf" + A + b"\r\n" + B + b"\r\n"))
    assert ids(found) == [(1, "a"), (2, "b")]
    assert [one.message.value for one in found] == [A, B]


def test_the_message_is_what_would_be_published(file):
    (line,) = lines(file(A))
    assert (line.message.topic, line.message.key, line.message.value) == ("listings", b"a", A)
    assert line.message_for("g2.listings").topic == "g2.listings"
    assert line.event.listing.title == "red shoe"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"red shoe", "no JSON"),
        (b"\xff\xfe{", "no JSON"),
        (b"[1, 2]", "a JSON list"),
        (b"null", "a JSON NoneType"),
        (b'{"title": "red shoe"}', "no listing_id"),
        (b'{"listing_id": 7, "title": "red shoe"}', "listing_id 7"),
        (b'{"listing_id": " ", "title": "red shoe"}', "listing_id ' '"),
        (b'{"listing_id": "a"}', "neither title nor image"),
        (b'{"listing_id": "a", "title": "red shoe", "price": "cheap", "currency": "EUR"}', "price is 'cheap'"),
    ],
)
def test_a_broken_line_is_named_and_the_others_are_read(file, content, said):
    broken, good = lines(file(content + b"\n" + B))
    assert isinstance(broken, BrokenLine)
    assert str(broken).startswith("line 1: listing")
    assert said in str(broken)
    assert "\n" not in str(broken)
    assert ids([good]) == [(2, "b")]


def test_a_line_too_long_for_a_message_is_broken(file):
    huge = b'{"listing_id": "h", "title": "t", "attributes": {"x": "' + b"x" * MESSAGE_BYTES + b'"}}'
    broken, good = lines(file(huge + b"\n" + A))
    assert f"{len(huge)} bytes, at most " in str(broken)
    assert isinstance(good, Line)


def test_a_missing_image_breaks_its_line_only_where_a_folder_is_named(file, tmp_path):
    (tmp_path / "there.jpg").touch()
    path = file(
        b'{"listing_id": "a", "image": "there.jpg"}\n'
        b'{"listing_id": "b", "image": "missing.jpg"}\n'
        b'{"listing_id": "c", "image": "https://example.com/c.jpg"}\n'
    )
    with path.open("ab") as more:
        more.write(b'{"listing_id": "d", "images": ["there.jpg", "missing.jpg"]}\n')
    assert [isinstance(one, Line) for one in lines(path)] == [True, True, True, True]
    found = lines(path, tmp_path)
    assert [isinstance(one, Line) for one in found] == [True, False, True, True]
    assert f"no image 'missing.jpg' in '{tmp_path}'" in str(found[1])


@pytest.mark.parametrize("read", [lines, count_lines])
@pytest.mark.parametrize(("name", "said"), [("missing.jsonl", "No such file"), (".", "Is a directory")])
def test_a_file_that_can_not_be_read_is_an_error(tmp_path, read, name, said):
    with pytest.raises(SettingsError, match=said) as caught:
        read(tmp_path / name)
    assert caught.value.subject == f"file '{tmp_path / name}'"


def test_a_missing_folder_of_images_is_an_error(file, tmp_path):
    with pytest.raises(SettingsError, match="no folder"):
        lines(file(A), tmp_path / "missing")


def test_a_dash_is_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(A + b"\n" + B)))
    assert count_lines(Path("-")) is None
    assert ids(lines(Path("-"))) == [(1, "a"), (2, "b")]


def test_a_pipe_is_not_counted_because_it_can_be_read_only_once(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert count_lines(path) is None


def test_what_was_left_out_is_said_only_where_there_is_something():
    assert left_out([]) == ""
    assert left_out([BrokenLine(1, SettingsError("s", got="g", wanted="w", remedy="r"))]) == ", 1 broken line left out"
