"""Images of listings, as bytes: from the web and from the image root."""

from streams.images.fetcher import ImageFetcher
from streams.images.files import resolve_image
from streams.images.port import ImageSource
from streams.images.references import is_path

__all__ = ["ImageFetcher", "ImageSource", "is_path", "resolve_image"]
