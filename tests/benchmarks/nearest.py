"""How often the nearest listing of one file shows the product of a listing of another.

    python tests/benchmarks/nearest.py QUERIES.jsonl GALLERY.jsonl --bundle BUNDLE [--images FOLDER] [--modality image]

Rows are taken as the bundle's encoders make them, without blending.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from encoders.bundle import read_bundle
from encoders.types import Modality
from streams.cli.console import progress_bar
from streams.cli.labelled_files import read_labelled
from streams.learning.labelled import LabelledCatalogue
from streams.settings import load_settings

KS = (1, 5, 10)


def main() -> None:
    """Print recall@k."""
    options = _options()
    modality = Modality(options.modality)
    settings = load_settings(bundle=options.bundle)
    with progress_bar() as progress:
        queries, gallery = (
            read_labelled(file, options.label, settings, options.images, progress, bundle=read_bundle(options.bundle))
            for file in (options.queries, options.gallery)
        )
    for k, share in recall(queries, gallery, modality).items():
        print(f"recall@{k} {share:.4f}")


def recall(queries: LabelledCatalogue, gallery: LabelledCatalogue, modality: Modality) -> dict[int, float]:
    """The share of queries with one of their product among the k nearest of the gallery, per k."""
    (asked, products), (known, others) = _rows(queries, modality), _rows(gallery, modality)
    nearest = np.argsort(-(asked @ known.T), axis=1, kind="stable")[:, : max(KS)]
    hit = others[nearest] == products[:, None]
    return {k: float(hit[:, :k].any(1).mean()) for k in KS}


def _rows(catalogue: LabelledCatalogue, modality: Modality) -> tuple[np.ndarray, np.ndarray]:
    chosen = [i for i, one in enumerate(catalogue.listing_ids) if modality in catalogue.embeddings[one]]
    rows = np.stack([catalogue.embeddings[catalogue.listing_ids[i]][modality] for i in chosen])
    return rows, np.array([catalogue.labels[i] for i in chosen])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("queries", type=Path)
    parser.add_argument("gallery", type=Path)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--images", type=Path)
    parser.add_argument("--modality", default=Modality.IMAGE)
    parser.add_argument("--label", default="product_id")
    return parser.parse_args()


if __name__ == "__main__":
    main()
