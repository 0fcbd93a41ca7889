"""Images under the image root."""

from __future__ import annotations

from pathlib import Path

from streams.errors import ImageFetchError
from streams.images.references import subject


def read_image_file(reference: str, root: Path | None, max_bytes: int) -> bytes:
    """Read an image file; it blocks, so call it in a thread.

    Args:
        reference: a path relative to the root, or an absolute one under it.
        root: the image root, or None if none is configured.
        max_bytes: of a larger file nothing is read.

    Raises:
        ImageFetchError: there is no root, the path leads outside it, also by a symbolic link, or it
            is not a readable file of an allowed size.
    """
    try:
        path = resolve_image(reference, root)
        if not path.is_file():
            raise _refusal(reference, got="no such file", wanted="a file under the image root")
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        got = f"not readable ({error.strerror or error.__class__.__name__})"
        raise _refusal(reference, got=got, wanted="a readable file") from error
    if len(content) > max_bytes:
        raise _refusal(reference, got=f"more than {max_bytes:,} bytes", wanted="a smaller file")
    if not content:
        raise _refusal(reference, got="an empty file", wanted="an image")
    return content


def resolve_image(reference: str, root: Path | None) -> Path:
    """Where the file of a path is, whether it is there or not.

    Raises:
        ImageFetchError: there is no root, or the path leads outside it.
    """
    if root is None:
        remedy = "set MATCHSTREAM_IMAGE_ROOT to the folder that image paths are relative to"
        raise ImageFetchError(subject(reference), got="a path", wanted="a URL", remedy=remedy)
    try:
        home = root.resolve()
        path = (home / reference).resolve()
    except (ValueError, RuntimeError) as error:  # a null character; a circle of symbolic links
        raise _refusal(reference, got="not a usable path", wanted="a path under the image root") from error
    if not path.is_relative_to(home):
        raise _refusal(reference, got="a path outside the image root", wanted="one under it")
    return path


def _refusal(reference: str, *, got: str, wanted: str) -> ImageFetchError:
    remedy = "check the listing's image, MATCHSTREAM_IMAGE_ROOT and MATCHSTREAM_IMAGE_MAX_BYTES"
    return ImageFetchError(subject(reference), got=got, wanted=wanted, remedy=remedy)
