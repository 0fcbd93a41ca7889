"""How views of listings find one another, in a joint space and without one."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from benchmarks.trained.measuring import across, measured

from encoders.bundle import Bundle
from encoders.loading import load_joint
from encoders.types import Embedding, Modality
from streams.learning.labelled import LabelledCatalogue

_SOURCES = (Modality.IMAGE, Modality.TEXT)


def joint_figures(catalogue: LabelledCatalogue, bundle: Bundle) -> dict[str, Any]:
    """Whole listings by their joint rows, and each view by the row of that view alone."""
    encoder = load_joint(bundle)
    assert encoder is not None
    views = {}
    for source in _SOURCES:
        rows = np.full((len(catalogue), encoder.dimensions), np.nan, dtype=np.float32)
        for place, one in enumerate(catalogue.listing_ids):
            embedding = catalogue.embeddings[one]
            if source in embedding:
                rows[place] = encoder.row({source: embedding[source]})
        views[source] = rows
    image, text = views[Modality.IMAGE], views[Modality.TEXT]
    return {
        "whole": asdict(measured(catalogue, Modality.JOINT)),
        "text_finds_photo": across(catalogue, text, image),
        "photo_finds_text": across(catalogue, image, text),
    }


def plain_figures(catalogue: LabelledCatalogue) -> dict[str, Any]:
    """Each modality, both beside one another, and what chance finds across them."""
    both = {one: _side_by_side(embedding) for one, embedding in catalogue.embeddings.items()}
    fused = replace(
        catalogue, embeddings={one: {**catalogue.embeddings[one], Modality.JOINT: both[one]} for one in both}
    )
    rng = np.random.default_rng(0)
    width = [len(np.asarray(catalogue.embeddings[catalogue.listing_ids[0]][source])) for source in _SOURCES]
    projections = [rng.standard_normal((size, 192)).astype(np.float32) for size in width]
    image, text = (_projected(catalogue, source, matrix) for source, matrix in zip(_SOURCES, projections, strict=True))
    return {
        "image": asdict(measured(catalogue, Modality.IMAGE)),
        "text": asdict(measured(catalogue, Modality.TEXT)),
        "side by side": asdict(measured(fused, Modality.JOINT)),
        "random projection": {
            "text_finds_photo": across(catalogue, text, image),
            "photo_finds_text": across(catalogue, image, text),
        },
    }


def _side_by_side(embedding: Embedding) -> np.ndarray:
    """Concatenated unit rows: their cosine is the mean of the two."""
    return np.concatenate([np.asarray(embedding[one]) for one in _SOURCES]) / np.float32(np.sqrt(len(_SOURCES)))


def _projected(catalogue: LabelledCatalogue, source: Modality, matrix: np.ndarray) -> np.ndarray:
    rows = np.stack([np.asarray(catalogue.embeddings[one][source]) for one in catalogue.listing_ids]) @ matrix
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)
