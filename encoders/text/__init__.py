"""Text rows, by any BERT-family model."""

from encoders.text.encoder import TextEncoder, load_model, mean_pool

__all__ = ["TextEncoder", "load_model", "mean_pool"]
