"""A bundle with some of its encoders alone, so that nothing is loaded or encoded that nobody asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from encoders.bundle import Bundle
from encoders.types import Modality

_DUAL = frozenset({Modality.JOINT_IMAGE, Modality.JOINT_TEXT})
_DESCRIBED = frozenset({Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION})


def only(bundle: Bundle, modalities: Collection[Modality]) -> Bundle:
    """What encodes some modalities; nothing is tagged, and nothing derived unless what is derived is among them."""
    wanted = frozenset(modalities)
    part = replace(
        bundle,
        text=bundle.text if Modality.TEXT in wanted else None,
        image=bundle.image if Modality.IMAGE in wanted else None,
        lexical=bundle.lexical if Modality.LEXICAL in wanted else None,
        dual=bundle.dual if wanted & _DUAL else None,
        captions=bundle.captions if wanted & _DESCRIBED else None,
        joint=bundle.joint if Modality.JOINT in wanted else None,
        tags=None,
    )
    there = part.modalities
    return replace(
        part, dimensions={modality: size for modality, size in bundle.dimensions.items() if modality in there}
    )
