from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import ImageFetchError
from streams.images.references import is_path, read_url, subject


@pytest.mark.parametrize("reference", ["photo.jpg", "a/b.png", "/a/b.png", "../x", "//host/x", "./odd:name.jpg", ""])
def test_what_has_no_scheme_is_a_path(reference):
    assert is_path(reference)


@pytest.mark.parametrize(
    "reference", ["http://h/x", "HTTPS://h/x", "file:///etc/passwd", "data:image/png;base64,AA", "ftp://h"]
)
def test_what_has_a_scheme_is_no_path(reference):
    assert not is_path(reference)


@pytest.mark.parametrize(
    "reference", ["file:///etc/passwd", "data:image/png;base64,AA", "ftp://h/x", "gopher://h/", "c:\\x.jpg"]
)
def test_only_http_and_https_are_read(reference):
    with pytest.raises(ImageFetchError, match="an http or https address wanted"):
        read_url(reference, said_by="image")


@pytest.mark.parametrize(
    "reference",
    ["http:", "http:///x", "http:photo.jpg", "http://[::1", "http://h:99999/", "http://xn--/", "http://[x]y@/"],
)
def test_a_url_without_a_usable_host_is_refused(reference):
    with pytest.raises(ImageFetchError, match="an http or https address wanted"):
        read_url(reference, said_by="image")


def test_messages_name_a_url_without_user_password_query_and_fragment():
    assert (
        subject("https://ann:secret@shop.example/a.jpg?signature=secret#secret")
        == "image 'https://shop.example/a.jpg?...'"
    )


def test_messages_shorten_what_is_long_and_hide_the_content_of_data_urls():
    assert subject("data:image/png;base64," + "A" * 9000) == "image 'data:...'"
    assert len(subject("a" * 9000)) < 150


def test_messages_hold_no_line_breaks():
    assert subject("a\r\nb\x1b[2J.jpg") == "image 'a??b?[2J.jpg'"


@given(st.text() | st.from_regex(r"https?:[^\n]{0,40}", fullmatch=True))
def test_any_text_can_be_named_and_is_read_or_refused_in_words(reference):
    assert subject(reference).isprintable()
    if not is_path(reference):
        with suppress(ImageFetchError):
            assert read_url(reference, said_by="image").host
