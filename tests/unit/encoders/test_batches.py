import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.tiny_duals import save_tiny_clip
from torch import nn
from transformers import CLIPModel

from encoders.batches import Batches, moved, texts_at_once
from encoders.bundle import DualSpec, TextSpec
from encoders.dual import DualEncoder
from encoders.errors import EncoderError
from encoders.image import ImageEncoder
from encoders.text import TextEncoder


class SmallDevice:
    """Has room for so many items, and remembers how many it was given at a time."""

    def __init__(self, room: int, error: RuntimeError | None = None) -> None:
        self.room, self.given = room, list[int]()
        self._error = error or torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")

    def __call__(self, items: Sequence[int]) -> list[int]:
        self.given.append(len(items))
        if len(items) > self.room:
            raise self._error
        return [item * 10 for item in items]


def test_a_batch_without_room_is_halved_and_the_order_kept() -> None:
    device, batches = SmallDevice(room=3), Batches(16, "model 'x' on cuda")
    assert batches.results(device, range(20)) == [item * 10 for item in range(20)]
    assert device.given == [16, 8, 4, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2]
    assert batches.size == 2


def test_the_smaller_size_is_kept_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    device, batches = SmallDevice(room=5), Batches(16, "model 'x' on cuda")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            batches.results(device, range(16))
    assert device.given == [16, 8, *[4] * 12]
    (record,) = caplog.records
    words = "model 'x' on cuda: out of memory with 16 at once, goes on with 4 at once; free the GPU of other programs"
    assert record.getMessage().startswith(words)


def test_a_batch_smaller_than_usual_is_halved_from_what_it_was() -> None:
    device, batches = SmallDevice(room=4), Batches(64, "model 'x' on cuda")
    assert batches.results(device, range(6)) == [item * 10 for item in range(6)]
    assert device.given == [6, 3, 3]


def test_one_item_without_room_is_told_with_the_remedy() -> None:
    with pytest.raises(
        EncoderError, match=r"^model 'x' on cuda: out of memory with one item.*; free the GPU"
    ) as caught:
        Batches(4, "model 'x' on cuda").results(SmallDevice(room=0), range(4))
    assert isinstance(caught.value.__cause__, torch.OutOfMemoryError)


@pytest.mark.parametrize("words", ["CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"])
def test_libraries_without_room_are_understood_and_other_errors_are_not_ours(words: str) -> None:
    assert Batches(4, "x").results(SmallDevice(room=2, error=RuntimeError(words)), range(4)) == [0, 10, 20, 30]
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        Batches(4, "x").results(SmallDevice(room=2, error=RuntimeError("shapes cannot be multiplied")), range(4))


@pytest.mark.parametrize(("room", "sizes"), [(16, [4, 4, 4]), (3, [4, 2, 2, 2, 2, 2])])
def test_exactly_so_many_come_in_each_batch_while_there_is_room(room: int, sizes: list[int]) -> None:
    device, batches = SmallDevice(room), Batches(32, "model 'x' on cpu")
    assert batches.results(device, range(9), 4) == [item * 10 for item in range(9)]
    assert device.given == sizes


def test_texts_of_one_width_come_in_one_number_and_long_ones_in_fewer() -> None:
    cpu, gpu = torch.device("cpu"), torch.device("cuda")
    assert [texts_at_once(width, cpu) for width in (0, 8, 32, 64, 128, 256, 512)] == [8, 8, 8, 4, 2, 1, 1]
    assert texts_at_once(8, gpu) is None


def test_threads_that_fail_together_halve_once() -> None:
    batches = Batches(8, "model 'x' on cuda")
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: batches.results(SmallDevice(room=4), range(8)), range(16)))
    assert all(result == [item * 10 for item in range(8)] for result in results)
    assert batches.size == 4


def test_a_model_without_room_for_its_weights_is_told_with_the_remedy() -> None:
    class Heavy(nn.Module):
        def to(self, *_: object, **__: object) -> "Heavy":
            raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(EncoderError, match=r"^model 'x' on cuda: out of memory with its weights alone.*'cpu'"):
        moved(Heavy(), torch.device("cpu"), "model 'x' on cuda")


def test_a_model_without_room_for_the_first_photo_is_not_said_to_be_of_another_kind(
    tiny_weights: dict[str, torch.Tensor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from fakes.tiny_models import TINY_IMAGE  # noqa: PLC0415

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    save_tiny_clip(tmp_path / "clip")
    monkeypatch.setattr(CLIPModel, "get_image_features", full)
    with pytest.raises(EncoderError, match=r"^photos of model .*: out of memory with one item alone"):
        DualEncoder(DualSpec(str(tmp_path / "clip")))
    monkeypatch.setattr(torch.Tensor, "permute", full)
    with pytest.raises(EncoderError, match=r"^image backbone .*: out of memory with one item alone"):
        ImageEncoder(TINY_IMAGE, tiny_weights)


def _room_for(part: nn.Module, room: int) -> None:
    """Let a real model run out of memory when it is given more than so many at once."""

    def count(_: nn.Module, positional: tuple[torch.Tensor, ...], named: dict[str, torch.Tensor]) -> None:
        given = [*positional, *(value for value in named.values() if isinstance(value, torch.Tensor))]
        if len(given[0]) > room:
            raise torch.OutOfMemoryError("CUDA out of memory")

    part.register_forward_pre_hook(count, with_kwargs=True)


TITLES = [f"red shoe {'camera ' * (i % 5)}{i}" for i in range(70)]
PICTURES = list(np.random.default_rng(2).integers(0, 256, (21, 32, 32, 3), dtype=np.uint8))


def test_each_encoder_goes_on_with_smaller_batches_and_the_same_rows(
    tiny_bert: Path, tiny_weights: dict[str, torch.Tensor], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from fakes.tiny_models import TINY_IMAGE  # noqa: PLC0415

    save_tiny_clip(tmp_path / "clip")
    text, image = TextEncoder(TextSpec(str(tiny_bert))), ImageEncoder(TINY_IMAGE, tiny_weights)
    dual = DualEncoder(DualSpec(str(tmp_path / "clip")))
    parts: list[tuple[Callable[[Sequence], np.ndarray], Sequence, nn.Module]] = [
        (text.encode, TITLES, text._model),
        (image.encode, PICTURES, image._model),
        (dual.texts.encode, TITLES, dual.texts._model.text_model),
        (dual.photos.encode, PICTURES, dual.photos._model.vision_model),
    ]
    for encode, items, part in parts:
        before = encode(items)
        _room_for(part, 3)
        assert encode(items) == pytest.approx(before, abs=1e-5)
        _room_for(part, 0)
        with pytest.raises(EncoderError, match="out of memory with one item alone"):
            encode(items)
    said = [record.getMessage() for record in caplog.records if "goes on with 2 at once" in record.getMessage()]
    assert len(said) == len(parts)
