"""Small files that would cost much time or memory: refused in words before that, or decoded in little room."""

import subprocess
import sys

import numpy as np
import pytest
from fakes.hostile_images import (
    gif_of_no_size,
    jpeg_of_no_size,
    jpeg_with_notes,
    jpeg_with_scans,
    notes_that_overlap,
    png_of,
    png_with_texts,
    saved,
    tiff_with_tiles,
    webp_with_canvas,
)
from PIL import Image

from encoders.errors import ImageError
from encoders.photos.decoding import _BAND_PIXELS, decode_image
from encoders.photos.guarding import MAX_SCANS, MAX_SEGMENTS, MAX_TILE_PIXELS

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM")


def refusal(data: bytes, max_pixels: int = 40_000_000) -> str:
    with pytest.raises(ImageError) as caught:
        decode_image(data, max_pixels)
    words = str(caught.value)
    assert len(words) < 400
    assert len(words.splitlines()) == 1
    assert "wanted; " in words or "damaged (" in words
    return words


def test_a_tiff_whose_tile_is_larger_than_any_picture_is_refused_before_room_is_made_for_it() -> None:
    assert "tiles of 32768 x 32768 pixels, 40000000 pixels at most wanted" in refusal(tiff_with_tiles(10, 32_768))


def test_a_tile_may_be_larger_than_a_small_picture() -> None:
    side = int(MAX_TILE_PIXELS**0.5)
    assert "tiles of" not in refusal(tiff_with_tiles(8, side), max_pixels=100)
    assert f"{MAX_TILE_PIXELS} pixels at most" in refusal(tiff_with_tiles(8, side + 16), max_pixels=100)


def test_a_jpeg_that_draws_its_picture_again_and_again_is_refused() -> None:
    normal = jpeg_with_scans(0).count(b"\xff\xda")
    assert decode_image(jpeg_with_scans(MAX_SCANS - normal)).size == (64, 64)
    assert f"more than {MAX_SCANS} scans" in refusal(jpeg_with_scans(MAX_SCANS - normal + 1))


def test_bytes_that_fill_the_space_before_a_marker_hide_no_scan() -> None:
    data = (
        jpeg_with_scans(2 * MAX_SCANS).replace(b"\xff\xda", b"\xff\xff\xff\xda").replace(b"\xff\xc4", b"\xff\xff\xc4")
    )
    assert f"more than {MAX_SCANS} scans" in refusal(data)


def test_what_only_looks_like_scans_does_not_count() -> None:
    inside = saved(Image.new("L", (8, 8)), "JPEG", comment=b"\xff\xda\x00\x02" * 200)
    behind = saved(Image.new("L", (8, 8)), "JPEG") + b"\xff\xda\x00\x02" * 200
    assert decode_image(inside).size == decode_image(behind).size == (8, 8)


def test_markers_within_a_scan_do_not_count() -> None:
    dice = np.random.default_rng(0).integers(0, 256, (1200, 1200, 3), dtype=np.uint8)
    data = saved(Image.fromarray(dice), "JPEG", quality=20, restart_marker_blocks=1)
    assert sum(data.count(bytes((0xFF, 0xD0 + number))) for number in range(8)) > MAX_SEGMENTS
    assert decode_image(data).size == (1200, 1200)


def test_a_jpeg_of_very_many_segments_is_refused() -> None:
    assert decode_image(jpeg_with_notes(100)).size == (8, 8)
    assert f"more than {MAX_SEGMENTS} segments" in refusal(jpeg_with_notes(MAX_SEGMENTS))


@pytest.mark.parametrize("length", [0, 1, 2, 3, 5])
def test_a_jpeg_cut_off_anywhere_in_its_head_is_refused(length: int) -> None:
    refusal(jpeg_with_scans(0)[: 2 + length])


@pytest.mark.filterwarnings("ignore:Tag data larger than file")
def test_camera_notes_that_claim_more_than_there_is_do_not_cost_the_picture() -> None:
    data = saved(Image.new("L", (8, 8)), "PNG", exif=notes_that_overlap(2_000, 50_000))
    assert decode_image(data).size == (8, 8)


def test_packed_texts_that_are_large_when_unpacked_are_refused() -> None:
    assert "Too much memory" in refusal(png_with_texts(70, packed_bytes=1_000_000))


@pytest.mark.parametrize(
    "data",
    [
        jpeg_of_no_size(),
        gif_of_no_size(),
        png_of(0, 0),
        png_of(0, 9),
        png_of(9, 0),
        tiff_with_tiles(0, 16),
        b"P5 0 9 255\n",
    ],
    ids=["jpeg", "gif", "png", "png without width", "png without height", "tiff", "ppm"],
)
def test_a_picture_without_pixels_is_refused(data: bytes) -> None:
    refusal(data)


def test_an_animation_s_canvas_counts_not_its_frames() -> None:
    assert "9000 x 9000 pixels" in refusal(webp_with_canvas(9_000))


def test_a_head_that_promises_pixels_and_holds_none_is_refused() -> None:
    refusal(png_of(6_000, 6_000))
    refusal(b"P5 6000 6000 255\n")


@pytest.mark.parametrize("file_format", FORMATS)
def test_a_file_cut_off_anywhere_is_refused_in_words_or_decoded(file_format: str) -> None:
    dice = np.random.default_rng(1)
    whole = saved(Image.fromarray(dice.integers(0, 256, (40, 60, 3), dtype=np.uint8)), file_format)
    decoded, lines = 0, []
    for end in np.linspace(0, len(whole) - 1, 25).astype(int):
        try:
            assert decode_image(whole[:end]).size == (60, 40)
            decoded += 1
        except ImageError as error:
            lines.append(len(str(error).splitlines()))
    assert decoded <= 3
    assert set(lines) == {1}


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("other", [b"PK\x05\x06" + bytes(18), b"<script>alert(1)</script>", b"%PDF-1.7\n"])
def test_a_file_that_is_something_else_at_its_end_is_the_picture_it_begins_as(file_format: str, other: bytes) -> None:
    plain = saved(Image.new("RGB", (16, 16), "green"), file_format)
    assert decode_image(plain + other).tobytes() == decode_image(plain).tobytes()


@pytest.mark.parametrize("prefix", [b"%PDF-1.7\n", b"PK\x03\x04", b"<svg>", b"#!/bin/sh\n", b"\xef\xbb\xbf"])
def test_a_picture_behind_something_else_is_none(prefix: bytes) -> None:
    assert "begins with" in refusal(prefix + saved(Image.new("RGB", (16, 16)), "PNG"))


@pytest.mark.parametrize("bits", ["whole", "fractions"])
def test_pixels_of_many_bits_are_the_same_at_the_borders_of_bands(bits: str) -> None:
    width = 64
    height = 2 * (_BAND_PIXELS // width) + 3
    ramp = np.linspace(0, 65_535, height).astype(np.uint16)
    pixels = np.repeat(ramp[:, None], width, axis=1)
    if bits == "fractions":
        pixels = (pixels / 65_535).astype(np.float32)
    decoded = np.asarray(decode_image(saved(Image.fromarray(pixels), "TIFF")))[:, 0, 0]
    assert np.array_equal(decoded, np.rint(ramp / 257).astype(np.uint8))


def test_transparency_is_mixed_the_same_at_the_borders_of_bands() -> None:
    width = 64
    height = _BAND_PIXELS // width + 3
    image = Image.new("RGBA", (width, height), (0, 0, 0, 128))
    assert decode_image(saved(image, "PNG")).getextrema() == ((127, 127),) * 3


LARGE = """
import io, resource, sys, warnings
import numpy as np
from PIL import Image
from encoders.photos import decode_image
from encoders.errors import ImageError
warnings.simplefilter("ignore")

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

decode_image(open(sys.argv[1], "rb").read())
before = peak()
for file in sys.argv[2:]:
    try:
        decode_image(open(file, "rb").read())
    except ImageError:
        pass
    print(peak() - before)
"""


@pytest.mark.slow
def test_the_largest_pictures_and_the_worst_files_are_decoded_in_bounded_memory(tmp_path) -> None:
    side = 6_300
    grey = Image.fromarray(np.zeros((side, side), np.uint16))
    cases = {
        "warm": (saved(Image.new("RGB", (8, 8)), "PNG"), 0),
        "tile": (tiff_with_tiles(10, 32_768), 30e6),
        "notes": (saved(Image.new("L", (8, 8)), "PNG", exif=notes_that_overlap(60_000, 5_000_000)), 60e6),
        "texts": (png_with_texts(300, packed_bytes=1_000_000), 150e6),
        "whole numbers": (saved(grey, "PNG"), 12 * side**2),
        "transparent": (saved(Image.new("RGBA", (side, side)), "PNG"), 12 * side**2),
        "fractions": (saved(Image.new("F", (side, side)), "TIFF", compression="tiff_deflate"), 12 * side**2),
    }
    for name, (data, _) in cases.items():
        (tmp_path / name).write_bytes(data)
    command = [sys.executable, "-c", LARGE, *(str(tmp_path / name) for name in cases)]
    ended = subprocess.run(command, capture_output=True, check=True, text=True, timeout=250)
    grown = dict(zip(list(cases)[1:], map(int, ended.stdout.split()), strict=True))
    assert {name: size for name, size in grown.items() if size > cases[name][1]} == {}
