"""What a photo shows, as words out of lists."""

from encoders.tags.tagger import Tagger

__all__ = ["Tagger"]
