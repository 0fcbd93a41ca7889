"""A captioning model of random weights, made in a moment and saved the way that published ones are."""

from __future__ import annotations

from pathlib import Path

import torch
from fakes.tiny_models import SPECIAL
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    BlipProcessor,
    CLIPImageProcessor,
    GitConfig,
    GitForCausalLM,
    GitProcessor,
)

from encoders.models.quiet import no_progress_bar

SIDE = 32
"""Of the pictures that it looks at."""
COLOURS = ["red", "blue", "green", "yellow", "black", "white"]
THINGS = ["mug", "chair", "lamp", "bag", "clock", "shoe", "phone"]
WORDS = ["a", "an", "photo", "of", "on", "the", "with", "and", "table", *COLOURS, *THINGS, "##s"]
POSITIONS = 48
"""Tokens that it can take."""

_SIZE = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
_VISION = {**_SIZE, "image_size": SIDE, "patch_size": 8}


def tiny_blip() -> BlipForConditionalGeneration:
    """A BLIP of 32 dimensions. As in published ones, what begins a caption is no token of the tokenizer."""
    vocabulary = len(SPECIAL) + len(WORDS)
    text = {
        **_SIZE,
        "vocab_size": vocabulary + 2,
        "encoder_hidden_size": 32,
        "max_position_embeddings": POSITIONS,
        "bos_token_id": vocabulary,
        "eos_token_id": SPECIAL.index("[CLS]"),
        "pad_token_id": SPECIAL.index("[PAD]"),
        "sep_token_id": SPECIAL.index("[SEP]"),
    }
    torch.manual_seed(3)
    config = BlipConfig(text_config=text, vision_config=_VISION, projection_dim=32, image_text_hidden_size=32)
    return BlipForConditionalGeneration(config)


def tiny_blip_processor() -> BlipProcessor:
    """What prepares photos and prompts for it."""
    return BlipProcessor(BlipImageProcessor(size={"height": SIDE, "width": SIDE}), _tokenizer())


def _tokenizer() -> BertTokenizer:
    vocabulary = {token: i for i, token in enumerate([*SPECIAL, *WORDS])}
    return BertTokenizer(vocab=vocabulary, model_max_length=POSITIONS)


def save_tiny_blip(folder: Path, model: BlipForConditionalGeneration | None = None) -> None:
    """Save a model, the random one unless another is given, with its processor."""
    with no_progress_bar():
        (model or tiny_blip()).save_pretrained(folder)
    tiny_blip_processor().save_pretrained(folder)


def save_tiny_git(folder: Path) -> None:
    """Save a GIT, another kind of captioning model: it crops photos, and goes on from the token that begins texts."""
    begin, end = SPECIAL.index("[CLS]"), SPECIAL.index("[SEP]")
    torch.manual_seed(5)
    config = GitConfig(
        vision_config=_VISION,
        **_SIZE,
        vocab_size=len(SPECIAL) + len(WORDS),
        max_position_embeddings=POSITIONS,
        bos_token_id=begin,
        eos_token_id=end,
        pad_token_id=SPECIAL.index("[PAD]"),
    )
    with no_progress_bar():
        GitForCausalLM(config).save_pretrained(folder)
    photos = CLIPImageProcessor(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
    GitProcessor(photos, _tokenizer()).save_pretrained(folder)
