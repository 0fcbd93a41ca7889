"""A captioning model that was taught, saved and loaded says of photos what it was taught."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
import torch
from fakes.tiny_captioner import save_tiny_blip, tiny_blip, tiny_blip_processor
from PIL import Image

from encoders.bundle import CaptionSpec, TextSpec
from encoders.captions import Captioner
from encoders.fusion import FusedEncoder, Parts
from encoders.photos import decode_image
from encoders.preparing import Pixels
from encoders.text import TextEncoder
from encoders.training.drawing import Look, paint
from encoders.types import Content, Generated, Modality

pytestmark = pytest.mark.slow

COLOURS = {"red": (200, 40, 40), "blue": (40, 60, 200), "green": (40, 150, 60)}
THINGS = ["mug", "chair", "phone"]
STEPS = 250
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
    optimizer = torch.optim.AdamW(model.parameters())
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=4e-3, total_steps=STEPS)
    torch.manual_seed(0)
    for _ in range(STEPS):
        some = torch.randperm(len(captions))[:18]
        batch = {"input_ids": tokens[some], "attention_mask": inputs.attention_mask[some], "labels": labels[some]}
        loss = model(pixel_values=inputs.pixel_values[some], **batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        rate.step()
    save_tiny_blip(folder, model)


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Captioner:
    folder = tmp_path_factory.mktemp("taught") / "blip"
    captions, photos = zip(*_photos(TAUGHT), strict=True)
    _teach(list(captions), [decode_image(photo) for photo in photos], folder)
    return Captioner(CaptionSpec(str(folder), max_tokens=8))


def test_it_says_what_it_was_taught_whatever_shares_the_batch(taught: Captioner) -> None:
    captions, photos = zip(*_photos(TAUGHT), strict=True)
    pixels = [_pixels(taught, photo) for photo in photos]
    assert tuple(taught.caption(pixels)) == captions
    assert tuple(said for one in pixels[::5] for said in taught.caption([one])) == captions[::5]


def test_it_says_what_photos_show_that_it_has_not_seen(taught: Captioner) -> None:
    captions, photos = zip(*_photos(NEW), strict=True)
    said = taught.caption([_pixels(taught, photo) for photo in photos])
    assert sum(one == other for one, other in zip(captions, said, strict=True)) >= 0.8 * len(captions)


def test_a_listing_without_a_title_has_the_row_of_what_its_photo_shows(taught: Captioner, tiny_bert: Path) -> None:
    encoder = FusedEncoder(Parts(text=TextEncoder(TextSpec(str(tiny_bert))), captioner=taught))
    titled, untitled = encoder.encode(
        [Content("a blue phone", described="a blue phone"), Content(image=_photo("blue", "phone", 0), described="")]
    )
    assert untitled.generated == Generated("a blue phone")
    described = untitled.embedding[Modality.TEXT_OR_CAPTION]
    assert described == pytest.approx(titled.embedding[Modality.TEXT], abs=1e-5)
