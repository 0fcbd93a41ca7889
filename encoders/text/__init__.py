"""Text rows, by any BERT-family model."""

from encoders.text.encoder import TextEncoder
from encoders.text.finding import FoundModel, find_model

__all__ = ["FoundModel", "TextEncoder", "find_model"]
