"""A captioning model that was taught, saved and loaded says of photos what it was taught."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import torch
from fakes.tiny_captioner import save_tiny_blip, tiny_blip, tiny_blip_processor
from PIL import Image

from encoders.bundle import CaptionSpec
from encoders.captions import Captioner
from encoders.fusion import FusedEncoder, Parts
from encoders.image import decode_image
from encoders.preparing import Pixels
from encoders.training.drawing import Look, paint
from encoders.types import Content

COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 200), "green": (40, 150, 60)}
THINGS = ["mug", "chair", "phone"]
TAUGHT, NEW = range(6), range(6, 9)
"""Shapes of each thing that are shown, and that are kept back."""


def _photo(colour: str, thing: str, shape: int) -> bytes:
    painted = paint(Look(thing, shape, "acme", COLOURS[colour], (240, 240, 240)))
    photo = Image.new("RGB", painted.size, "white")
    photo.paste(painted, mask=painted)
    file = BytesIO()
    photo.save(file, "JPEG")
    return file.getvalue()


def _photos(shapes: range) -> Iterator[tuple[str, bytes]]:
    for colour in COLOURS:
        for thing in THINGS:
            for shape in shapes:
                yield f"a {colour} {thing}", _photo(colour, thing, shape)


def _pixels(captioner: Captioner, data: bytes) -> Pixels:
    return captioner.prepared(decode_image(data))


def _teach(captions: list[str], photos: list[Image.Image], folder: Path) -> None:
    """A few steps on captions with their photos, then saved as published models are."""
    model, processor = tiny_blip().train(), tiny_blip_processor()
    inputs = processor(images=photos, text=captions, padding=True, return_tensors="pt")
    tokens = inputs.input_ids.clone()
    tokens[:, 0] = model.config.text_config.bos_token_id
    labels = tokens.masked_fill(inputs.attention_mask == 0, -100)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    torch.manual_seed(0)
    for _ in range(STEPS):
        some = torch.randperm(len(captions))[:27]
        batch = {"input_ids": tokens[some], "attention_mask": inputs.attention_mask[some], "labels": labels[some]}
        loss = model(pixel_values=inputs.pixel_values[some], **batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    save_tiny_blip(folder, model)


STEPS = 150


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Captioner:
    folder = tmp_path_factory.mktemp("taught") / "blip"
    captions, photos = zip(*_photos(TAUGHT), strict=True)
    _teach(list(captions), [decode_image(photo) for photo in photos], folder)
    return Captioner(CaptionSpec(str(folder), max_tokens=8))


def test_it_says_what_it_was_taught(taught: Captioner) -> None:
    captions, photos = zip(*_photos(TAUGHT), strict=True)
    assert tuple(taught.caption([_pixels(taught, photo) for photo in photos])) == captions

def test_x(taught):
    captions, photos = zip(*_photos(NEW), strict=True)
    said = taught.caption([_pixels(taught, photo) for photo in photos])
    print(sum(a==b for a,b in zip(captions, said)), len(said), list(zip(captions,said)))
