"""What models say of a listing's photos, as events carry it: beside the seller's words, never among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from encoders.bundle import MOST_LISTS
from encoders.types import NOTHING_GENERATED, Generated, Tag

LONGEST_CAPTION: Final = 300
"""Characters that are told of a caption."""
LONGEST_WORD: Final = 80
"""Characters that are told of a tag, as many as its list may have: who filters by what was told finds it."""
MOST_TAGS: Final = MOST_LISTS
"""Tags that are told of one listing. All three keep events below the size of a message."""


def read_generated(value: object) -> Generated:
    """Back from JSON; nothing where there is none, as in messages from before anything was generated.

    Raises:
        KeyError: a tag lacks its word or its probability.
        TypeError: a field is of another kind.
        ValueError: a probability is none.
    """
    if value is None:
        return NOTHING_GENERATED
    if not isinstance(value, Mapping):
        raise TypeError(f"what was generated as a JSON {type(value).__name__}")
    generated = Generated.from_json(value)
    for name, tag in generated.tags.items():
        if not 0 <= tag.probability <= 1:
            raise ValueError(f"a tag '{name[:LONGEST_WORD]}' of probability {tag.probability}")
    return generated


def told(generated: Generated) -> Generated:
    """As offers tell it: cut where it is long, and in the same order whatever store it was in."""
    caption = (generated.caption or "")[:LONGEST_CAPTION].rstrip() or None
    some = sorted(generated.tags.items())[:MOST_TAGS]
    return Generated(caption, {name: Tag(tag.word[:LONGEST_WORD].rstrip(), tag.probability) for name, tag in some})
