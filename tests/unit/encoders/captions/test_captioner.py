import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.tiny_captioner import SIDE
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor

from encoders.bundle import CaptionSpec
from encoders.captions import Captioner

Noise = Callable[[int], list[Image.Image]]

SAMPLING = {"do_sample": True, "temperature": 9.0, "num_beams": 3, "num_return_sequences": 3, "max_length": 3}


def _said(captioner: Captioner, pictures: list[Image.Image]) -> list[str]:
    said = captioner.caption([captioner.prepared(picture) for picture in pictures])
    assert all(isinstance(one, str) for one in said)
    return [str(one) for one in said]


def _by_transformers(folder: Path, picture: Image.Image, most: int, prompt: str | None = None) -> str:
    """As published examples caption a photo, all the model's own."""
    processor = AutoProcessor.from_pretrained(folder, backend="pil")
    model = AutoModelForImageTextToText.from_pretrained(folder).eval()
    inputs = processor(images=picture, text=prompt, return_tensors="pt")
    tokens = model.generate(**inputs, max_new_tokens=most, do_sample=False, num_beams=1)
    return str(processor.decode(tokens[0], skip_special_tokens=True)).strip()


def test_captions_are_those_of_the_model_with_its_own_processor(
    model: Path, captioner: Captioner, noise: Noise
) -> None:
    pictures = noise(3)
    assert _said(captioner, pictures) == [_by_transformers(model, picture, 12) for picture in pictures]


def test_a_caption_goes_on_from_the_prompt_which_is_no_part_of_it(tiny_blip_folder: Path, noise: Noise) -> None:
    prompt = "a photo of"
    captioner = Captioner(CaptionSpec(str(tiny_blip_folder), prompt=prompt, max_tokens=8))
    (picture,) = noise(1)
    (said,) = _said(captioner, [picture])
    assert f"{prompt} {said}" == _by_transformers(tiny_blip_folder, picture, 8, prompt)
    assert said != _said(Captioner(CaptionSpec(str(tiny_blip_folder), max_tokens=8)), [picture])[0]


def test_a_caption_does_not_depend_on_what_shares_its_batch(captioner: Captioner, noise: Noise) -> None:
    pictures = noise(9)
    assert _said(captioner, pictures) == [_said(captioner, [picture])[0] for picture in pictures]


def test_it_may_run_in_any_thread(captioner: Captioner, noise: Noise) -> None:
    pictures = noise(2)
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda _: _said(captioner, pictures), range(4)))
    assert found == [_said(captioner, pictures)] * 4


def test_no_photos_are_no_captions(captioner: Captioner) -> None:
    assert captioner.caption([]) == []


def test_a_caption_has_as_many_tokens_as_are_asked_for_at_most(tiny_blip_folder: Path, noise: Noise) -> None:
    whole, cut = (Captioner(CaptionSpec(str(tiny_blip_folder), max_tokens=most)) for most in (12, 4))
    assert _said(whole, noise(1))[0].startswith(_said(cut, noise(1))[0])
    assert cut._tokens([cut.prepared(picture) for picture in noise(2)], 4).shape == (2, 4)


@pytest.mark.parametrize("folder", ["tiny_blip_folder", "tiny_git_folder"])
def test_what_a_model_says_of_sampling_does_not_count(
    folder: str, request: pytest.FixtureRequest, tmp_path: Path, noise: Noise
) -> None:
    """Published ones ask for beams, or for dice, in files beside the weights."""
    kept: Path = request.getfixturevalue(folder)
    dicing = shutil.copytree(kept, tmp_path / "dicing")
    for name, values in (("config.json", SAMPLING), ("generation_config.json", SAMPLING)):
        stated = json.loads((kept / name).read_text())
        stated.get("text_config", stated).update(values)
        (dicing / name).write_text(json.dumps(stated))
    one, other = (Captioner(CaptionSpec(str(where), max_tokens=8)) for where in (kept, dicing))
    assert _said(one, noise(4)) == _said(other, noise(4))


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (3, 500)])
def test_pictures_of_any_proportions_are_prepared_alike(captioner: Captioner, size: tuple[int, int]) -> None:
    pixels = captioner.prepared(Image.new("RGB", size, "red"))
    assert pixels.dtype == np.uint8
    assert pixels.shape[0] == pixels.shape[1] >= SIDE
    assert len(_said(captioner, [Image.new("RGB", size, "red")])) == 1


@pytest.mark.parametrize(
    ("title", "wanted"),
    [("", True), ("!!! ...", True), ("red mug", True), ("a red mug", False), ("T-Shirt 8.5 XL", False)],
)
def test_a_title_of_few_words_wants_a_caption(tiny_blip_folder: Path, title: str, *, wanted: bool) -> None:
    assert Captioner(CaptionSpec(str(tiny_blip_folder), min_words=3)).wanted(title) is wanted


def test_nothing_is_left_behind_for_a_backward_pass(captioner: Captioner) -> None:
    assert not any(parameter.requires_grad for parameter in captioner._model.parameters())
    assert not captioner._model.training
    assert torch.is_grad_enabled()
