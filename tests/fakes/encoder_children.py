"""Encoders that are loaded in a child process, by functions that it finds by their names."""

import logging
import os

from chaos.light import light_encoder

from encoders.errors import BundleError


def loud_encoder():
    """Says that it is loaded."""
    logging.getLogger("encoders.loud").warning("loaded %s", "it", extra={"bundle": "b"})
    return light_encoder()


def damaged_encoder():
    """Is none."""
    raise BundleError("b", "a hole", "none", "mend it")


def deadly_encoder():
    """Ends its process before it is loaded."""
    os._exit(3)
