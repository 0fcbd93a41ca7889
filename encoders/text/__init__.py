"""Text rows, by any BERT-family model."""

from encoders.text.encoder import TextEncoder, load_model, mean_pool, no_progress_bar
from encoders.text.finding import FoundModel, find_model

__all__ = ["FoundModel", "TextEncoder", "find_model", "load_model", "mean_pool", "no_progress_bar"]
