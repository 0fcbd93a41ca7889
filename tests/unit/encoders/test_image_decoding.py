import io
import struct
import warnings
import zlib
from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from torchvision.transforms import InterpolationMode
from torchvision.transforms._presets import ImageClassification

from encoders.bundle import ImageSpec
from encoders.errors import ImageError
from encoders.photos import decode_image, prepare

Encode = Callable[..., bytes]

RED, GREEN, WHITE = (255, 0, 0), (0, 128, 0), (255, 255, 255)
ORIENTATION = 0x0112


def photo(width: int, height: int, seed: int = 0) -> Image.Image:
    """Smooth colors, so that lossy formats keep them."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 6, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000", "PPM"])
def test_every_common_format_is_decoded(encoded_image: Encode, file_format: str) -> None:
    image = decode_image(encoded_image("green", file_format))
    assert (image.mode, image.size) == ("RGB", (48, 48))
    assert image.getpixel((20, 20)) == pytest.approx(GREEN, abs=6)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("file_format", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_a_camera_held_sideways_is_turned_upright(encoded_image: Encode, file_format: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded_image(photo(48, 32), file_format, exif=exif)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    assert np.array_equal(np.asarray(decode_image(data)), np.asarray(expected))
    assert expected.size == ((32, 48) if orientation in {5, 6, 7, 8} else (48, 32))


@pytest.mark.parametrize("notes", [b"II*\x00\xff\xff\xff\x7fgarbage", b"MM\x00*\x00\x00\x00\x08\x00\xff\x01\x12"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data", "ignore:Truncated File Read")
def test_broken_camera_notes_do_not_cost_the_picture(encoded_image: Encode, notes: bytes) -> None:
    data = encoded_image("green", "JPEG", exif=b"Exif\x00\x00" + notes)
    assert decode_image(data).size == (48, 48)


def test_notes_that_cannot_be_written_again_do_not_cost_the_picture(encoded_image: Encode) -> None:
    exif = Image.Exif()
    exif[ORIENTATION], exif[0x011A] = 6, 72.0
    data = encoded_image(photo(48, 32), "JPEG", exif=exif)
    dice = np.random.default_rng(3)
    notes = data.index(b"Exif") + 14
    for _ in range(200):
        broken = bytearray(data)
        broken[notes + dice.integers(0, 36)] = dice.integers(0, 256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            assert set(decode_image(bytes(broken)).size) == {48, 32}


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_is_white(encoded_image: Encode, mode: str) -> None:
    image = Image.new(mode, (8, 8), 0)
    assert decode_image(encoded_image(image)).getpixel((3, 3)) == WHITE


def test_what_is_half_transparent_is_mixed_with_white(encoded_image: Encode) -> None:
    image = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    assert decode_image(encoded_image(image)).getpixel((3, 3)) == pytest.approx((255, 127, 127), abs=1)


def test_a_palette_with_a_transparent_color(encoded_image: Encode) -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([255, 0, 0, 0, 128, 0])
    image.putpixel((0, 0), 0)
    decoded = decode_image(encoded_image(image, "PNG", transparency=0))
    assert (decoded.getpixel((0, 0)), decoded.getpixel((3, 3))) == (WHITE, GREEN)


@pytest.mark.parametrize(("mode", "color", "expected"), [("L", 100, (100, 100, 100)), ("1", 1, WHITE)])
def test_greyscale(encoded_image: Encode, mode: str, color: int, expected: tuple[int, int, int]) -> None:
    assert decode_image(encoded_image(Image.new(mode, (8, 8), color))).getpixel((3, 3)) == expected


@pytest.mark.parametrize("file_format", ["PNG", "TIFF"])
def test_sixteen_bits_are_scaled_and_not_cut(encoded_image: Encode, file_format: str) -> None:
    image = Image.fromarray(np.full((8, 8), 100 * 257, dtype=np.uint16))
    assert decode_image(encoded_image(image, file_format)).getpixel((3, 3)) == (100, 100, 100)


@pytest.mark.parametrize("scale", [1, 255])
def test_fractions_are_scaled(encoded_image: Encode, scale: int) -> None:
    pixels = np.full((8, 8), 0.4 * scale, dtype=np.float32)
    pixels[0, 0] = scale
    assert decode_image(encoded_image(Image.fromarray(pixels), "TIFF")).getpixel((3, 3)) == (102, 102, 102)


def test_printers_colors(encoded_image: Encode) -> None:
    image = Image.new("RGB", (48, 48), "green").convert("CMYK")
    assert decode_image(encoded_image(image, "JPEG")).getpixel((3, 3)) == pytest.approx(GREEN, abs=6)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(encoded_image: Encode, file_format: str) -> None:
    frames = [Image.new("RGB", (48, 48), color) for color in ("green", "red", "white")]
    data = encoded_image(frames[0], file_format, save_all=True, append_images=frames[1:])
    assert decode_image(data).getpixel((3, 3)) == pytest.approx(GREEN, abs=6)


def test_a_phones_picture_with_a_second_one_inside(encoded_image: Encode) -> None:
    frames = [Image.new("RGB", (48, 48), color) for color in ("green", "red")]
    data = encoded_image(frames[0], "MPO", save_all=True, append_images=frames[1:])
    assert decode_image(data).getpixel((3, 3)) == pytest.approx(GREEN, abs=6)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"This is text, whatever the name says.", "begins with b'This is text'"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "begins with b'<svg xmlns=\"'"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "begins with"),
        (b"<html>404</html>", "begins with b'<html>404</h'"),
    ],
)
def test_a_file_that_is_no_picture_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(ImageError) as caught:
        decode_image(data)
    assert words in str(caught.value)
    assert "wanted; publish such a file" in str(caught.value)


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "GIF", "TIFF"])
def test_a_truncated_file_is_refused(encoded_image: Encode, file_format: str) -> None:
    data = encoded_image(photo(200, 200), file_format)
    with pytest.raises(ImageError, match="damaged"):
        decode_image(data[: len(data) * 2 // 3])


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_damage_of_any_kind_is_an_image_error(encoded_image: Encode) -> None:
    dice = np.random.default_rng(7)
    for file_format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000"):
        whole = encoded_image(photo(40, 40), file_format)
        for _ in range(60):
            data = bytearray(whole)
            for at in dice.integers(0, len(data), dice.integers(1, 9)):
                data[at] = dice.integers(0, 256)
            try:
                decode_image(bytes(data), max_pixels=1_000_000)
            except ImageError:
                continue


def _png_header(width: int, height: int) -> bytes:
    """A PNG that promises so many pixels and holds none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(10_000, 5_000), (10_000, 10_000), (60_000, 60_000)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_too_many_pixels_are_refused_from_the_header_alone(size: tuple[int, int]) -> None:
    with pytest.raises(ImageError, match="40000000 pixels at most wanted; publish a smaller one"):
        decode_image(_png_header(*size))


def test_the_limit_itself_is_allowed(encoded_image: Encode) -> None:
    data = encoded_image(Image.new("RGB", (20, 10)))
    assert decode_image(data, max_pixels=200).size == (20, 10)
    with pytest.raises(ImageError, match="20 x 10 pixels, 199 pixels at most"):
        decode_image(data, max_pixels=199)


@pytest.mark.parametrize("size", [(300, 200), (200, 301), (64, 64), (31, 47), (500, 70)])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_pixels_are_those_of_torchvisions_own_preparation(size: tuple[int, int], interpolation: str) -> None:
    spec = ImageSpec(resize=72, crop=64, interpolation=interpolation)
    reference = ImageClassification(
        crop_size=64, resize_size=72, mean=(0.0,) * 3, std=(1.0,) * 3, interpolation=InterpolationMode(interpolation)
    )
    image = photo(*size)
    expected = (reference(image) * 255).round().to(torch.uint8).permute(1, 2, 0).numpy()
    assert np.array_equal(prepare(image, spec), expected)


@pytest.mark.parametrize("size", [(1, 1), (1, 5_000), (100_000, 2), (3, 900)])
def test_a_picture_of_any_shape_becomes_the_same_square(size: tuple[int, int]) -> None:
    assert prepare(Image.new("RGB", size, "green"), ImageSpec()).shape == (224, 224, 3)


def test_a_very_long_picture_is_seen_at_its_center(encoded_image: Encode) -> None:
    image = Image.new("RGB", (900, 30), "white")
    image.paste(RED, (435, 0, 465, 30))
    seen = prepare(decode_image(encoded_image(image)), ImageSpec(resize=32, crop=16))
    assert (seen == RED).all()


def test_one_file_has_one_way_to_be_seen(encoded_image: Encode) -> None:
    data = encoded_image(photo(600, 400), "JPEG")
    first, second = (prepare(decode_image(data), ImageSpec()) for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(first, prepare(Image.open(io.BytesIO(data)), ImageSpec()))
