"""Image files to pixels, with Pillow alone: who only shows photos, or frames them, needs no torch."""

from encoders.photos.decoding import MAX_PIXELS, decode_image, prepare

__all__ = ["MAX_PIXELS", "decode_image", "prepare"]
