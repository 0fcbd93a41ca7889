"""AVIF files whose frames are larger than they say: refused before anything is decoded."""

import struct
import time

import numpy as np
import pytest
from fakes.hostile_images import saved
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from encoders.errors import ImageError
from encoders.photos import decode_image
from encoders.photos.avif import check_frames

WIDE, HIGH = 601, 403
PIXELS = WIDE * HIGH
KINDS = {
    "plain": lambda: saved(Image.new("RGB", (WIDE, HIGH), "red"), "AVIF"),
    "grey": lambda: saved(Image.new("L", (WIDE, HIGH)), "AVIF", subsampling="4:0:0"),
    "transparent": lambda: saved(Image.new("RGBA", (WIDE, HIGH), (1, 2, 3, 4)), "AVIF"),
    "noisy": lambda: saved(Image.fromarray(noise()), "AVIF", quality=90),
    "animated": lambda: saved(
        Image.new("RGB", (WIDE, HIGH)), "AVIF", save_all=True, append_images=[Image.new("RGB", (WIDE, HIGH), "red")]
    ),
}


def noise():
    return np.random.default_rng(0).integers(0, 255, (HIGH, WIDE, 3), dtype=np.uint8)


def saying(data, width, height):
    """The same frames, said to be of another size wherever a box says so."""
    told = struct.pack(">II", WIDE, HIGH)
    assert told in data
    return data.replace(told, struct.pack(">II", width, height))


def refusal(data):
    """Why a file is not decoded, None where nothing speaks against it."""
    try:
        check_frames(data, PIXELS)
    except ImageError as error:
        return str(error)
    return None


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_as_large_as_may_be_is_decoded(kind):
    assert decode_image(KINDS[kind](), PIXELS).size == (WIDE, HIGH)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_that_are_larger_than_the_picture_says_are_refused(kind):
    lie = saying(KINDS[kind](), 8, 8)
    with pytest.raises(
        ImageError, match=rf"^image: coded frames of {WIDE} x {HIGH} pixels, {PIXELS - 1} pixels at most"
    ):
        decode_image(lie, PIXELS - 1)


@pytest.mark.parametrize("kind", KINDS)
def test_frames_as_large_as_may_be_are_decoded_whatever_the_picture_says(kind):
    check_frames(saying(KINDS[kind](), 8, 8), PIXELS)


@settings(deadline=None)
@given(st.data())
def test_a_damaged_file_is_let_through_or_refused_in_words(data):
    whole = bytearray(SMALL)
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(12, len(whole) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(whole)))
    assert " wanted; " in (refusal(bytes(whole[:end])) or " wanted; ")


SMALL = saved(Image.new("RGBA", (9, 7), (1, 2, 3, 4)), "AVIF")


def box(kind, content):
    return struct.pack(">I", 8 + len(content)) + kind + content


HEAD = box(b"ftyp", b"avif" + bytes(4))
ONE_ITEM = struct.pack(">HHHH", 1, 1, 0, 65_535)
HOSTILE = {
    "boxes": box(b"free", b"") * 500_000,
    "boxes in boxes": box(b"moov", b"") * 1_000,
    "items": box(b"meta", bytes(4) + box(b"iloc", bytes(6) + b"\xff\xff" + bytes(400_000))),
    "places of no length": box(b"meta", bytes(4) + box(b"iloc", bytes(6) + ONE_ITEM) * 100),
    "the whole file again and again": box(b"meta", bytes(4) + box(b"iloc", bytes(6) + ONE_ITEM)) + bytes(1_000_000),
    "tracks": box(b"stco", bytes(4) + struct.pack(">II", 1, 24)) * 100_000,
    "units": box(b"stco", bytes(4) + struct.pack(">II", 1, 44)) + b"\x12\x00" * 500_000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_file_of_very_many_parts_is_given_up_soon(content):
    begun = time.process_time()
    refused = refusal(HEAD + content)
    assert refused is None or "more parts than a picture has, an AVIF file wanted" in refused
    assert time.process_time() - begun < 5


def test_boxes_nested_without_end_are_a_damaged_file():
    content = b""
    for _ in range(3_000):
        content = box(b"moov", content)
    with pytest.raises(ImageError, match=r"damaged \("):
        decode_image(HEAD + content)
