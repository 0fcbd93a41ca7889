"""What a listing says about where its image is: a URL, or a path."""

from __future__ import annotations

import re

from yarl import URL

from streams.errors import ImageFetchError

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_SHOWN_CHARACTERS = 120


def is_path(reference: str) -> bool:
    """Whether a reference is a path; everything that begins like a URL is not."""
    return _SCHEME.match(reference) is None


def subject(reference: str) -> str:
    """How messages name an image: without user, password and query, where secrets travel; not too long."""
    shown = _shown_path(reference) if is_path(reference) else _shown_url(reference)
    return f"image '{shown}'"


def read_url(reference: str, *, said_by: str) -> URL:
    """A reference as a URL that may be requested.

    Args:
        reference: what begins like a URL.
        said_by: the subject of the message if it can't be used.

    Raises:
        ImageFetchError: it is not a URL with a host, or its scheme is not http or https.
    """
    try:
        url = parse_url(reference)
    except ValueError as error:
        raise _unusable(said_by, f"not a URL ({error.__class__.__name__})") from error
    if url.scheme not in {"http", "https"}:
        raise _unusable(said_by, f"scheme '{url.scheme}'")
    if not url.host:
        raise _unusable(said_by, "a URL without a host")
    return url


def parse_url(text: str) -> URL:
    """Any text as a URL whose host can be asked for.

    Raises:
        ValueError: it is none.
    """
    try:
        url = URL(text)
        _ = url.host
    except IndexError as error:  # yarl reads 'http://[a]b@/' beyond its end
        raise ValueError("brackets that hold no host") from error
    return url


def _unusable(said_by: str, got: str) -> ImageFetchError:
    remedy = "publish the listing with such an address, or with a path under the image root"
    return ImageFetchError(said_by, got=got, wanted="an http or https address", remedy=remedy)


def _shown_path(reference: str) -> str:
    return _shorten(reference)


def _shown_url(reference: str) -> str:
    try:
        url = parse_url(reference)
        if not url.host:
            return _shorten(f"{url.scheme}:...")
        query = "?..." if url.raw_query_string else ""
        return _shorten(f"{url.with_user(None).with_query(None).with_fragment(None)}") + query
    except ValueError:
        return f"{reference.partition(':')[0]}:..."


def _shorten(text: str) -> str:
    printable = "".join(character if character.isprintable() else "?" for character in text)
    return printable if len(printable) <= _SHOWN_CHARACTERS else f"{printable[:_SHOWN_CHARACTERS]}..."
