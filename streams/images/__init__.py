"""Images of listings, as bytes: from the web and from the image root."""

from streams.images.fetcher import ImageFetcher
from streams.images.port import ImageSource

__all__ = ["ImageFetcher", "ImageSource"]
