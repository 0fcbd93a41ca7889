"""Bundles: everything learned, in one folder, described by its `manifest.json`.

Nothing here imports torch: a worker that only matches needs the dimensions and the thresholds.
"""

from encoders.bundle.manifest import MOST_PHOTOS, Manifest
from encoders.bundle.reading import SHIPPED, Bundle, read_bundle, shipped_bundles
from encoders.bundle.specs import (
    EXACT,
    MOST_LISTS,
    PUBLISHED,
    CaptionSpec,
    DualSpec,
    ImageSpec,
    JointSpec,
    LexicalSpec,
    Precision,
    TagSpec,
    TextSpec,
)
from encoders.bundle.writing import write_bundle

__all__ = [
    "EXACT",
    "MOST_LISTS",
    "MOST_PHOTOS",
    "PUBLISHED",
    "SHIPPED",
    "Bundle",
    "CaptionSpec",
    "DualSpec",
    "ImageSpec",
    "JointSpec",
    "LexicalSpec",
    "Manifest",
    "Precision",
    "TagSpec",
    "TextSpec",
    "read_bundle",
    "shipped_bundles",
    "write_bundle",
]
