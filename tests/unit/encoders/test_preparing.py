from collections.abc import Callable

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import BlipImageProcessorPil, CLIPImageProcessorPil

from encoders.preparing import preparation_of

SQUARE, SMALL = {"height": 32, "width": 32}, {"shortest_edge": 32}
CPU = torch.device("cpu")


def _noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8))


@pytest.mark.parametrize("size", [(50, 70), (70, 50), (32, 32), (5, 9)])
@pytest.mark.parametrize(
    "processor",
    [
        lambda: BlipImageProcessorPil(size={"height": 32, "width": 48}),
        lambda: CLIPImageProcessorPil(size=SMALL, crop_size={"height": 24, "width": 30}),
        lambda: CLIPImageProcessorPil(size=SMALL, crop_size={"height": 41, "width": 40}),
        lambda: CLIPImageProcessorPil(size=SQUARE, do_center_crop=False, do_normalize=False, resample=2),
    ],
)
def test_photos_come_out_as_by_the_processor_itself(processor: Callable, size: tuple[int, int]) -> None:
    own, picture = processor(), _noise(*size)
    preparation = preparation_of(own)
    got = preparation.numbers([preparation.prepared(picture)], CPU)
    wanted = own(images=picture, return_tensors="pt").pixel_values
    assert torch.allclose(got, wanted, atol=1e-5)


def test_a_very_long_picture_is_not_enlarged_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes, resize = [], Image.Image.resize
    monkeypatch.setattr(Image.Image, "resize", lambda image, size, way: sizes.append(size) or resize(image, size, way))
    preparation = preparation_of(CLIPImageProcessorPil(size=SMALL, crop_size=SQUARE))
    assert preparation.prepared(Image.new("RGB", (2, 500), "red")).shape == (32, 32, 3)
    assert sizes == [(32, 256)]


@pytest.mark.parametrize(
    ("processor", "words"),
    [
        (BlipImageProcessorPil(size=SQUARE, do_resize=False), "leaves photos at any size"),
        (BlipImageProcessorPil(size=SQUARE, do_rescale=False), "values above 1"),
        (BlipImageProcessorPil(size=SQUARE, rescale_factor=1 / 127.5), "values above 1"),
        (BlipImageProcessorPil(size=SQUARE, do_pad=True), "pads photos"),
        (CLIPImageProcessorPil(size=SMALL, do_center_crop=False), "photos of any shape"),
    ],
)
def test_what_is_done_otherwise_is_refused(processor: object, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        preparation_of(processor)
