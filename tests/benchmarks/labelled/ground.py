"""Labelled pairs with their similarities: what rules are chosen on, and what they are measured on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.labelled.records import Labelled

from encoders.bundle import Bundle
from encoders.fitting import Changes, fit_bundle
from encoders.types import Embedding
from streams.learning.embedding import embed_catalogue
from streams.learning.telling import Telling
from streams.matching import Policy, Table, similarities
from streams.matching.pairs import Pairs
from streams.matching.reference import blend_all
from streams.settings import load_settings

_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Ground:
    """Labelled pairs and the raw embeddings of their records.

    Args:
        labelled: the pairs.
        catalogue: listing id to raw embedding, of all records that neighborhoods are made of.
    """

    labelled: Labelled
    catalogue: Mapping[str, Embedding]

    def pairs(self, policy: Policy) -> Pairs:
        """The pairs as decisions see them."""
        counted = {one: _only(embedding, policy) for one, embedding in self.catalogue.items()}
        view = blend_all(counted, policy) if policy.blend.neighbors else counted
        return _compared(self.labelled, [view[one] for one in self.labelled.listing_ids], policy)


def fit_on(train: Labelled, folder: Path, base: Bundle | None = None) -> Bundle:
    """The text encoder of a base, or MiniLM as published, and IDF weights of the titles of the training records."""
    titles = [one.title for one in train.listings if one.title]
    return fit_bundle(titles, folder, base=base, changes=Changes(image=False), matching={})


def embed_all(files: Sequence[Labelled], bundle: Bundle, kept: Path, warn: Callable[[str], None]) -> list[Ground]:
    """Embed every distinct record once.

    Neighborhoods of a file are made of its own records and of those of the files before it: who is to be scored
    joins the catalogue that was learned from, and never the other way round.
    """
    everything = {one: listing for file in files for one, listing in zip(file.listing_ids, file.listings, strict=True)}
    raw = embed_catalogue(everything, bundle, load_settings(device="cpu"), kept, Telling(warn))
    known: dict[str, Embedding] = {}
    found = []
    for file in files:
        known = {**known, **{one: raw[one] for one in file.listing_ids}}
        found.append(Ground(file, known))
    return found


def _only(embedding: Embedding, policy: Policy) -> Embedding:
    """What a policy does not weigh, the pair scorer must not see either."""
    return {modality: row for modality, row in embedding.items() if modality in policy.weights}


def _compared(labelled: Labelled, embeddings: Sequence[Embedding], policy: Policy) -> Pairs:
    table = Table.of(dict(zip(labelled.listing_ids, embeddings, strict=True)))
    single = {modality: np.empty(len(labelled)) for modality in table.rows}
    combined = np.empty(len(labelled))
    for start in range(0, len(labelled.listing_ids), _BLOCK):
        places = np.flatnonzero((labelled.own >= start) & (labelled.own < start + _BLOCK))
        found = similarities(table.part(start, start + _BLOCK), table, policy)
        cells = labelled.own[places] - start, labelled.other[places]
        combined[places] = found.combined[cells]
        for modality, part in found.single.items():
            single[modality][places] = part[cells]
    return Pairs(labelled.details, labelled.details, labelled.own, labelled.other, single, combined)
