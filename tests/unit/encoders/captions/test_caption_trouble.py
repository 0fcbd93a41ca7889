"""Captions that take too long, or fail: each listing goes on, and those beside it have theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from transformers import BlipForConditionalGeneration

from encoders.bundle import CaptionSpec
from encoders.captions import Captioner
from encoders.errors import CaptionError, EncoderError
from encoders.preparing import Pixels

TOGETHER = 4
"""Photos that are captioned together on a CPU."""
BLACK = Image.new("RGB", (40, 40))


@dataclass
class Clock:
    """Goes on by one whenever somebody looks at it."""

    now: int = 0

    def __call__(self) -> float:
        self.now += 1
        return self.now


@dataclass
class Model:
    """A model that fails where it is told to."""

    inner: Any
    fails: Callable[[torch.Tensor], Exception | None]
    sizes: list[int] = field(default_factory=list)

    def generate(self, pixel_values: torch.Tensor, **options: object) -> torch.Tensor:
        self.sizes.append(len(pixel_values))
        error = self.fails(pixel_values)
        if error:
            raise error
        return self.inner.generate(pixel_values=pixel_values, **options)


def _captioner(folder: Path, fails: Callable[[torch.Tensor], Exception | None]) -> tuple[Captioner, Model]:
    captioner = Captioner(CaptionSpec(str(folder), max_tokens=8))
    captioner._model = model = Model(captioner._model, fails)
    return captioner, model


def _pixels(captioner: Captioner, pictures: list[Image.Image]) -> list[Pixels]:
    return [captioner.prepared(picture) for picture in pictures]


def test_a_model_without_room_for_its_weights_is_told_with_the_remedy(
    tiny_blip_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(BlipForConditionalGeneration, "to", full)
    with pytest.raises(EncoderError, match=r"^caption model .* on cpu: out of memory with its weights alone.*'cpu'$"):
        Captioner(CaptionSpec(str(tiny_blip_folder)))


def test_what_is_not_done_in_time_has_no_caption_and_what_was_done_keeps_it(
    tiny_blip_folder: Path, noise: Callable[[int], list[Image.Image]], caplog: pytest.LogCaptureFixture
) -> None:
    spec, pictures = CaptionSpec(str(tiny_blip_folder), max_tokens=8), noise(9)
    clock = Clock()
    patient = Captioner(spec, timeout_s=1_000_000, clock=clock)
    captions = patient.caption(_pixels(patient, pictures[:TOGETHER]))
    a_batch = clock.now
    assert a_batch > TOGETHER
    clock.now = 0
    hurried = Captioner(spec, timeout_s=a_batch + 2, clock=clock)
    hurried._model = model = Model(hurried._model, lambda _: None)
    found = hurried.caption(_pixels(hurried, pictures))
    assert found[:TOGETHER] == captions
    assert all(isinstance(one, CaptionError) for one in found[TOGETHER:])
    wanted = f"not done within the {a_batch + 2} s.*raise MATCHSTREAM_CAPTION_TIMEOUT_S"
    with pytest.raises(CaptionError, match=wanted):
        raise found[-1]
    # The second batch ended as soon as it was late, and the third was not begun
    assert model.sizes == [TOGETHER, TOGETHER]
    assert clock.now <= a_batch + 5
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "5 of 9 captions failed" in caplog.text


def test_a_batch_that_fails_does_not_take_the_others(
    tiny_blip_folder: Path, noise: Callable[[int], list[Image.Image]]
) -> None:
    captioner, model = _captioner(
        tiny_blip_folder, lambda pixels: RuntimeError("a kernel failed\nand more") if pixels.amax() < 0 else None
    )
    captions = captioner.caption(_pixels(captioner, noise(9)))
    found = captioner.caption(_pixels(captioner, [*noise(4), *[BLACK] * 4, *noise(9)[8:]]))
    assert found[:4] == captions[:4]
    assert found[8] == captions[8]
    assert {str(one) for one in found[4:8]} == {
        "caption: none made (a kernel failed), one wanted; mend the model or its device"
    }
    assert model.sizes == [4, 4, 1] * 2


def test_out_of_memory_halves_the_batch_and_says_so_once(
    tiny_blip_folder: Path, noise: Callable[[int], list[Image.Image]], caplog: pytest.LogCaptureFixture
) -> None:
    captioner, model = _captioner(
        tiny_blip_folder, lambda pixels: torch.OutOfMemoryError("CUDA out of memory") if len(pixels) > 2 else None
    )
    plain = Captioner(CaptionSpec(str(tiny_blip_folder), max_tokens=8))
    pictures = noise(6)
    expected = plain.caption(_pixels(plain, pictures))
    assert captioner.caption(_pixels(captioner, pictures)) == expected
    assert captioner.caption(_pixels(captioner, pictures)) == expected
    assert model.sizes == [4, 2, 2, 2, 2, 2, 2]
    subject = f"caption model '{tiny_blip_folder}' on cpu"
    told = f"{subject}: out of memory with 4 at once, goes on with 2 at once; free the GPU of other programs"
    assert [record.message.startswith(told) for record in caplog.records] == [True]


def test_photos_that_have_no_room_even_alone_leave_their_listings_without_captions(
    tiny_blip_folder: Path, noise: Callable[[int], list[Image.Image]]
) -> None:
    captioner, _ = _captioner(tiny_blip_folder, lambda _: torch.OutOfMemoryError("CUDA out of memory"))
    found = captioner.caption(_pixels(captioner, noise(3)))
    assert len(found) == 3
    for one in found:
        assert isinstance(one, CaptionError)
        assert "out of memory with one item alone" in str(one)
        assert "use the device 'cpu'" in str(one)
