"""A bundle that looks at photos in every way there is, of tiny models."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import DIMENSIONS, save_tiny_clip
from fakes.tiny_models import save_tiny_bert

from encoders.bundle import (
    Bundle,
    CaptionSpec,
    DualSpec,
    JointSpec,
    LexicalSpec,
    Manifest,
    TagSpec,
    TextSpec,
    write_bundle,
)
from encoders.types import Modality

TAG_LISTS = {
    "colour": "# what it is painted in\nred\ngreen\nblue: blue, a blue one\nblack\nwhite\n",
    "category": "mug\nshoe: shoe, shoes\nlamp\nchair\n",
}
SEEING = Manifest(
    text=TextSpec("text"),
    lexical=LexicalSpec(),
    dual=DualSpec("dual"),
    joint=JointSpec(weights=None, sources=(Modality.JOINT_IMAGE, Modality.JOINT_TEXT), cross_modal=True),
    captions=CaptionSpec("captions", max_tokens=8),
    tags=TagSpec({name: f"tags/{name}.txt" for name in TAG_LISTS}, dict.fromkeys(TAG_LISTS, 0.0)),
    photos=3,
    dimensions={
        Modality.TEXT: 16,
        Modality.TEXT_OR_CAPTION: 16,
        Modality.JOINT_IMAGE: DIMENSIONS,
        Modality.JOINT_TEXT: DIMENSIONS,
        Modality.JOINT: DIMENSIONS,
    },
    matching={
        "weights": {"text": 0.5, "text_or_caption": 0.5, "lexical": 1.0, "lexical_or_caption": 1.0, "joint": 1.0},
        "match_threshold": 0.8,
    },
)
"""Titles of less than three words have captions beside them, and every list tells a tag of every photo."""


def seeing_bundle(folder: Path, **changes: object) -> Bundle:
    """Write the bundle to a folder, with other values of its manifest where they are given."""
    with TemporaryDirectory() as models:
        for name, save in (("text", save_tiny_bert), ("dual", save_tiny_clip), ("captions", save_tiny_blip)):
            save(Path(models, name))
        files: dict[str, bytes | Path] = {
            str(path.relative_to(models)): path for path in Path(models).rglob("*") if path.is_file()
        }
        lists = {f"tags/{name}.txt": text.encode() for name, text in TAG_LISTS.items()}
        return write_bundle(folder, replace(SEEING, **changes), files | lists)
