"""Folders that hold no captioning model, or not all of one: told with what to do."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from fakes.tiny_captioner import POSITIONS, tiny_blip
from fakes.tiny_duals import save_tiny_clip
from safetensors.torch import load_file, save_file
from transformers import BertTokenizer, BlipForImageTextRetrieval, BlipForQuestionAnswering, BlipImageProcessor

from encoders.bundle import CaptionSpec
from encoders.captions import Captioner
from encoders.errors import BundleError, ModelMissingError

Copied = Callable[..., Path]
REMEDY = "give one as 'Salesforce/blip-image-captioning-base': 'matchstream fit --caption-model'"


def _refused(folder: Path, words: str, remedy: str = REMEDY, **changes: object) -> None:
    with pytest.raises(BundleError, match=words) as caught:
        Captioner(CaptionSpec(str(folder), **changes))
    assert remedy in str(caught.value)
    assert str(caught.value).startswith(f"bundle 'new': caption model '{folder}' ")
    assert "\n" not in str(caught.value)


def test_a_text_model_is_refused(tiny_bert: Path) -> None:
    _refused(tiny_bert, r"of the kind BertModel, a captioning model \(BlipForConditionalGeneration, GitForCausalLM\)")


def test_a_dual_encoder_is_refused(tmp_path: Path) -> None:
    save_tiny_clip(tmp_path / "clip")
    _refused(tmp_path / "clip", "of the kind CLIPModel, a captioning model")


@pytest.mark.parametrize("kind", [BlipForQuestionAnswering, BlipForImageTextRetrieval])
def test_a_blip_that_answers_or_finds_is_refused(copied: Copied, kind: type) -> None:
    """Its weights have the same names for a part; with them it would say anything."""
    folder = copied("model.safetensors", "config.json")
    kind(tiny_blip().config).save_pretrained(folder)
    _refused(folder, f"of the kind {kind.__name__}, a captioning model")


def test_code_that_a_model_brings_is_not_run(copied: Copied) -> None:
    folder = copied("config.json")
    names = {"AutoConfig": "mine.Config", "AutoModelForImageTextToText": "mine.Model"}
    (folder / "config.json").write_text(json.dumps({"model_type": "mine", "auto_map": names}))
    (folder / "mine.py").write_text(f"open({str(folder / 'ran')!r}, 'w')")
    _refused(folder, "without a config.json that can be used")
    assert not (folder / "ran").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"model_type": "nothing-known"}'])
def test_a_configuration_that_says_nothing_is_refused(copied: Copied, content: str) -> None:
    folder = copied("config.json")
    (folder / "config.json").write_text(content)
    _refused(folder, "without a config.json that can be used")


def test_without_its_image_processor_it_is_refused(copied: Copied) -> None:
    words = (
        "without an image processor that can be used.*its preprocessor_config.json or processor_config.json beside it"
    )
    _refused(copied("processor_config.json", "preprocessor_config.json"), words)


def test_without_its_tokenizer_it_is_refused(copied: Copied) -> None:
    _refused(copied("tokenizer.json", "tokenizer_config.json", "vocab.txt"), "tokenizer.*its tokenizer's files beside")


def test_with_the_tokenizer_of_another_model_it_is_refused(copied: Copied) -> None:
    folder = copied("tokenizer.json", "tokenizer_config.json", "vocab.txt")
    many = {token: i for i, token in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *map(str, range(200))])}
    BertTokenizer(vocab=many).save_pretrained(folder)
    _refused(folder, "with a tokenizer of 205 tokens beside 30 of the model, its tokenizer's files")


def test_with_the_image_processor_of_another_model_it_is_refused(copied: Copied) -> None:
    folder = copied("processor_config.json")
    BlipImageProcessor(size={"height": 48, "width": 48}).save_pretrained(folder)
    remedy = "take its processor and its tokenizer from where the model comes from"
    _refused(folder, r"that fails \(.*size.*\), parts that fit together wanted", remedy)


def test_torn_weights_are_refused(copied: Copied) -> None:
    folder = copied()
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[: len(whole) // 2])
    _refused(folder, "without weights that can be used.*whole ones as safetensors wanted")


def test_weights_of_other_shapes_are_refused(copied: Copied) -> None:
    folder = copied()
    weights = load_file(folder / "model.safetensors")
    name = next(name for name in weights if name.endswith("query.weight"))
    save_file({**weights, name: torch.zeros(3, 3)}, folder / "model.safetensors", {"format": "pt"})
    _refused(folder, "without weights that can be used")


def test_weights_without_a_layer_are_refused(copied: Copied) -> None:
    folder = copied()
    weights = load_file(folder / "model.safetensors")
    some = {name: tensor for name, tensor in weights.items() if "crossattention.self.query" not in name}
    save_file(some, folder / "model.safetensors", {"format": "pt"})
    _refused(folder, r"without weights 'text_decoder.*crossattention.self.query.bias' \(4 such\)")


def test_weights_that_are_pickled_are_refused_and_nothing_in_them_runs(copied: Copied) -> None:
    folder = copied("model.safetensors")
    torch.save(tiny_blip().state_dict(), folder / "pytorch_model.bin")
    _refused(folder, "without weights that can be used.*safetensors")


def test_a_model_that_nobody_has_is_told_with_how_to_get_it() -> None:
    with pytest.raises(ModelMissingError, match=r"model 'no/such'.*matchstream models pull no/such"):
        Captioner(CaptionSpec("no/such"))


def test_a_prompt_that_leaves_no_room_for_a_caption_is_refused(tiny_blip_folder: Path) -> None:
    Captioner(CaptionSpec(str(tiny_blip_folder), prompt="a " * (POSITIONS - 9), max_tokens=8))
    words = f"a prompt of {POSITIONS - 8} tokens before captions of 8, {POSITIONS - 1} together at most wanted"
    remedy = "shorten the prompt, or lower max_tokens, in its manifest"
    _refused(tiny_blip_folder, words, remedy, prompt="a " * (POSITIONS - 8), max_tokens=8)
