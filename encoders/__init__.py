"""Encoders: listings go down, NumPy rows come up.

Importing this package does not import torch; building an encoder with `load_encoder` does.
"""

from encoders.errors import BundleError, EncoderError, ModelMissingError
from encoders.types import Content, Embedding, Encoded, Encoder, Modality, Row, SparseRow

__all__ = [
    "BundleError",
    "Content",
    "Embedding",
    "Encoded",
    "Encoder",
    "EncoderError",
    "Modality",
    "ModelMissingError",
    "Row",
    "SparseRow",
]
