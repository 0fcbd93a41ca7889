"""What a photo shows, in words, by any BLIP captioning model."""

from encoders.captions.captioner import Captioner

__all__ = ["Captioner"]
