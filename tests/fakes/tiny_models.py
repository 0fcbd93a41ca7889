"""Models of random weights, small enough to be made in a test and loaded the way that real ones are."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer

from encoders.bundle import ImageSpec
from encoders.image.backbone import build_backbone

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = ["red", "blue", "shoe", "shirt", "phone", "camera", "case", "for", "with", "8", "64", "gb", "a", "##s"]
TINY_IMAGE = ImageSpec("shufflenet_v2_x0_5", "image.safetensors", resize=40, crop=32)


def save_tiny_bert(folder: Path) -> None:
    """Save a BERT of 16 dimensions with its tokenizer."""
    vocabulary = {token: i for i, token in enumerate([*SPECIAL, *WORDS])}
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    BertTokenizer(vocab=vocabulary, model_max_length=32).save_pretrained(folder)


def tiny_image_weights() -> dict[str, torch.Tensor]:
    """Weights for `TINY_IMAGE`, without a classifier."""
    torch.manual_seed(2)
    return dict(build_backbone(TINY_IMAGE)[0].state_dict())
