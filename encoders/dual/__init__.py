"""Photos and texts in one space, by any CLIP or SigLIP model."""

from encoders.dual.encoder import DualEncoder

__all__ = ["DualEncoder"]
