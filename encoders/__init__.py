"""Encoders: listings go down, NumPy rows come up.

Importing this package does not import torch; building an encoder with `load_encoder` does.
"""

from encoders.bundle import Bundle, read_bundle, shipped_bundles, write_bundle
from encoders.errors import BundleError, EncoderError, ImageError, ModelMissingError
from encoders.loading import load_encoder
from encoders.types import Content, Embedding, Encoded, Encoder, Modality, Row, SparseRow

__all__ = [
    "Bundle",
    "BundleError",
    "Content",
    "Embedding",
    "Encoded",
    "Encoder",
    "EncoderError",
    "ImageError",
    "Modality",
    "ModelMissingError",
    "Row",
    "SparseRow",
    "load_encoder",
    "read_bundle",
    "shipped_bundles",
    "write_bundle",
]
