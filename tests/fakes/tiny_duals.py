"""Dual encoders of random weights, saved as published ones are laid out: small enough to be made in a test."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import log
from pathlib import Path

import torch
from fakes.tiny_models import SPECIAL, WORDS
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertTokenizer,
    ChineseCLIPConfig,
    ChineseCLIPImageProcessorPil,
    ChineseCLIPModel,
    ChineseCLIPProcessor,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
    CLIPTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    Siglip2Config,
    Siglip2ImageProcessorPil,
    Siglip2Model,
    Siglip2Processor,
    SiglipConfig,
    SiglipImageProcessorPil,
    SiglipModel,
    SiglipProcessor,
)
from transformers.convert_slow_tokenizer import bytes_to_unicode

from encoders.models.quiet import no_progress_bar

SIDE, PATCH, DIMENSIONS = 32, 8, 32
COLOURS = ["red", "green", "blue", "yellow", "orange", "purple", "pink", "brown", "black", "white", "grey", "beige"]
THINGS = ["shoe", "shirt", "bag", "mug", "phone", "camera", "lamp", "chair", "circle", "square", "stripes", "dots"]
ALL_WORDS = [*dict.fromkeys([*WORDS, *COLOURS, *THINGS, "a", "photo", "of", "made", "leather", "cotton", "steel"])]
_SMALL = {"hidden_size": DIMENSIONS, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
_PHOTOS = {**_SMALL, "patch_size": PATCH}


def save_tiny_clip(folder: Path, words: Iterable[str] = ALL_WORDS) -> None:
    """Save a CLIP that looks at 32 x 32 pixels; each of the words is a token, others are spelled."""
    tokenizer = clip_tokenizer(words)
    config = CLIPConfig(
        text_config={
            **_SMALL,
            "vocab_size": len(tokenizer),
            "max_position_embeddings": 77,
            "bos_token_id": tokenizer.bos_token_id,
            "eos_token_id": tokenizer.eos_token_id,
            "pad_token_id": tokenizer.pad_token_id,
        },
        vision_config={**_PHOTOS, "image_size": SIDE},
        projection_dim=DIMENSIONS,
    )
    torch.manual_seed(3)
    _save(CLIPModel(config), folder)
    images = CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    CLIPProcessor(images, tokenizer).save_pretrained(folder)


def save_tiny_siglip(folder: Path, words: Iterable[str] = ALL_WORDS) -> None:
    """Save a SigLIP that squeezes photos to 32 x 32 pixels; other words than these are unknown to it."""
    tokenizer = siglip_tokenizer(words)
    config = SiglipConfig(text_config=_siglip_texts(tokenizer), vision_config={**_PHOTOS, "image_size": SIDE})
    torch.manual_seed(4)
    _save(_biased(SiglipModel(config)), folder)
    SiglipProcessor(SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE}), tokenizer).save_pretrained(folder)


def save_tiny_siglip2(folder: Path, words: Iterable[str] = ALL_WORDS) -> None:
    """Save a SigLIP 2 that keeps the proportions of photos (NaFlex): at most 16 patches of 8 x 8 pixels."""
    tokenizer = siglip_tokenizer(words)
    config = Siglip2Config(text_config=_siglip_texts(tokenizer), vision_config={**_PHOTOS, "num_patches": 16})
    torch.manual_seed(5)
    _save(_biased(Siglip2Model(config)), folder)
    Siglip2Processor(Siglip2ImageProcessorPil(patch_size=PATCH, max_num_patches=16), tokenizer).save_pretrained(folder)


def save_tiny_chinese_clip(folder: Path, words: Iterable[str] = ALL_WORDS) -> None:
    """Save a Chinese CLIP, whose tower for texts is a BERT; other words than these are unknown to it."""
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys([*SPECIAL, *words]))}
    text = {**_SMALL, "vocab_size": len(vocabulary), "max_position_embeddings": 64}
    photos = {**_PHOTOS, "image_size": SIDE}
    config = ChineseCLIPConfig(text_config=text, vision_config=photos, projection_dim=DIMENSIONS)
    torch.manual_seed(6)
    _save(ChineseCLIPModel(config), folder)
    images = ChineseCLIPImageProcessorPil(size={"height": SIDE, "width": SIDE}, do_center_crop=False)
    tokenizer = BertTokenizer(vocab=vocabulary, model_max_length=52)
    ChineseCLIPProcessor(images, tokenizer).save_pretrained(folder)


def _siglip_texts(tokenizer: PreTrainedTokenizerFast) -> dict[str, object]:
    return {
        **_SMALL,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 64,
        "projection_size": DIMENSIONS,
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _biased(model: SiglipModel | Siglip2Model) -> PreTrainedModel:
    """With the scale and about the bias that published ones began with, which configurations don't give."""
    model.logit_scale.data.fill_(log(10))
    model.logit_bias.data.fill_(-6.0)
    return model


def clip_tokenizer(words: Iterable[str]) -> CLIPTokenizer:
    """Letters, and merges that make each of the words of them."""
    letters = sorted(bytes_to_unicode().values())
    merges = [pair for word in words for pair in _merges_of(word)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), *("".join(pair) for pair in merges)]
    vocabulary = list(dict.fromkeys([*tokens, "<|startoftext|>", "<|endoftext|>"]))
    pairs = list(dict.fromkeys(merges))
    return CLIPTokenizer(vocab={token: i for i, token in enumerate(vocabulary)}, merges=pairs, model_max_length=77)


def _merges_of(word: str) -> list[tuple[str, str]]:
    """From the left, a letter at a time; a word of anything else stays spelled."""
    if not word.isalpha() or not word.isascii():
        return []
    letters: Sequence[str] = [*word[:-1], f"{word[-1]}</w>"]
    return [("".join(letters[:i]), letters[i]) for i in range(1, len(letters))]


def siglip_tokenizer(words: Iterable[str]) -> PreTrainedTokenizerFast:
    """Whole words in lower case without punctuation, an end behind them, padded by ends."""
    vocabulary = {word: i for i, word in enumerate(dict.fromkeys(["<pad>", "</s>", "<unk>", *words]))}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(Regex(r"[!-/:-@]"), "")])
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    special = {"eos_token": "</s>", "pad_token": "</s>", "unk_token": "<unk>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=64, model_input_names=["input_ids"], **special
    )


def _save(model: PreTrainedModel, folder: Path) -> None:
    with no_progress_bar():
        model.eval().save_pretrained(folder)
