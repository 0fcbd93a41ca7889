"""Models of the sizes that are published, with random weights: what they compute is real, what they say is nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, product
from pathlib import Path

import torch
import torchvision
from fakes.tiny_duals import ALL_WORDS, clip_tokenizer
from safetensors.torch import save_file
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessor,
    BlipProcessor,
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPProcessor,
)

_MADE_UP = 30_000
_BERT_SPECIAL = {"[PAD]": 0, "[UNK]": 100, "[CLS]": 101, "[SEP]": 102, "[MASK]": 103}


def save_clip(folder: Path) -> None:
    """A CLIP of the size of ViT-B/32, which is transformers' default."""
    torch.manual_seed(0)
    tokenizer = clip_tokenizer([*ALL_WORDS, *_made_up_words()])
    ids = {f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("bos", "eos", "pad")}
    CLIPModel(CLIPConfig(text_config=ids)).eval().save_pretrained(folder)
    CLIPProcessor(CLIPImageProcessorPil(), tokenizer).save_pretrained(folder)


def _made_up_words() -> Iterator[str]:
    """So many that a tokenizer has about as many tokens as a published one."""
    sounds = "bcdfghjklmnpqrstvwxz", "aeiou"
    words = product(sounds[0], sounds[1], sounds[0], sounds[1], sounds[0])
    return islice(("".join(word) for word in words), _MADE_UP)


def save_blip(folder: Path) -> None:
    """A BLIP of the size of the base model for captions, which is transformers' default; it never ends a caption."""
    torch.manual_seed(0)
    config = BlipConfig()
    size = config.text_config.vocab_size - 2
    words = {f"word{number}": number for number in range(size) if number not in _BERT_SPECIAL.values()}
    vocabulary = dict(sorted({**words, **_BERT_SPECIAL}.items(), key=lambda one: one[1]))
    side = config.vision_config.image_size
    BlipForConditionalGeneration(config).eval().save_pretrained(folder)
    tokenizer = BertTokenizer(vocab=vocabulary, model_max_length=config.text_config.max_position_embeddings)
    BlipProcessor(BlipImageProcessor(size={"height": side, "width": side}), tokenizer).save_pretrained(folder)


def save_resnet(file: Path) -> None:
    """The weights of a ResNet-18, the default encoder of photos."""
    torch.manual_seed(0)
    state = torchvision.models.resnet18(weights=None).state_dict()
    save_file({name: tensor for name, tensor in state.items() if not name.startswith("fc.")}, file)
