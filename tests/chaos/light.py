"""What a run embeds and decides with: an encoder of hashes, and rules that suit it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fakes.bench import POLICY
from fakes.hash_encoder import HashEncoder

from encoders.bundle import Bundle, ImageSpec, LexicalSpec, Manifest, TextSpec, write_bundle
from encoders.types import Content, Encoded, Modality

DIMENSIONS: Final = {Modality.IMAGE: 32, Modality.TEXT: 32}
RAISES: Final = "raises"
"""A title that begins with this is too much for the encoder."""

DEADLY: Final = "deadly"
"""One that begins with this ends its process, as a fault in native code does."""

_SEGMENTATION_FAULT: Final = 139


class HazardousEncoder(HashEncoder):
    """The encoder of hashes, with two kinds of titles that it does not survive."""

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        for one in contents:
            title = one.title or ""
            if title.startswith(DEADLY):
                os._exit(_SEGMENTATION_FAULT)
            if title.startswith(RAISES):
                raise ZeroDivisionError("a title that nobody thought of")
        return super().encode(contents)


def light_encoder(_bundle: Bundle | None = None, **_options: object) -> HazardousEncoder:
    """In the place of `encoders.loading.load_encoder`."""
    return HazardousEncoder(DIMENSIONS)


def light_bundle(folder: Path) -> Bundle:
    """A bundle that says so much of itself as the stages look at; its models are never loaded."""
    manifest = Manifest(
        text=TextSpec(model="none"),
        image=ImageSpec(),
        lexical=LexicalSpec(),
        dimensions=DIMENSIONS,
        matching=POLICY.model_dump(mode="json", exclude_unset=True),
    )
    return write_bundle(folder, manifest, {})
