"""Random catalogues, and the whole computation once more in plain Python loops."""

import math

import numpy as np
import pytest
from fakes.rows import random_sparse

from encoders.types import Modality, SparseRow
from streams.matching import Combination


def near(rng, centre, noise):
    row = centre + noise * rng.normal(size=centre.size)
    return (row / np.linalg.norm(row)).astype(np.float32)


def listing(rng, centres):
    """A listing of one of a few products, with at least one modality."""
    product = rng.integers(len(centres))
    text, image = centres[product]
    has_title, has_image = [(True, True), (True, False), (False, True)][rng.integers(3)]
    found = {}
    if has_image:
        found[Modality.IMAGE] = near(rng, image, 0.15)
    if has_title:
        found[Modality.TEXT] = near(rng, text, 0.15)
        if rng.random() < 0.9:
            found[Modality.LEXICAL] = random_sparse(np.random.default_rng(product * 4 + rng.integers(4)), highest=12)
    return found


@pytest.fixture
def catalogue():
    """Makes a catalogue of so many listings, several to a product, the same for the same seed."""

    def make(size, seed=0, products=6):
        rng = np.random.default_rng(seed)
        centres = [(rng.normal(size=5), rng.normal(size=7)) for _ in range(products)]
        return {f"l{number:04}": listing(rng, centres) for number in range(size)}

    return make


def naive_cosine(a, b):
    if isinstance(a, SparseRow):
        weights = dict(zip(a.indices.tolist(), a.values.tolist(), strict=True))
        others = dict(zip(b.indices.tolist(), b.values.tolist(), strict=True))
        return round(math.fsum(value * others.get(bucket, 0.0) for bucket, value in weights.items()), 6)
    return round(math.fsum(x * y for x, y in zip(a.tolist(), b.tolist(), strict=True)), 6)


def naive_similarity(a, b, policy):
    shared = [
        (policy.weights[m], naive_cosine(a[m], b[m])) for m in Modality if m in policy.weights and m in a and m in b
    ]
    if not shared:
        return -1.0
    if policy.combination is Combination.PRODUCT:
        return round(1 - math.prod(1 - min(max(s, 0.0), 1.0) for _, s in shared), 6)
    return round(sum(weight * s for weight, s in shared) / sum(weight for weight, _ in shared), 6)


def naive_blended(listing_id, raw, policy):
    own = raw[listing_id]
    ranked = sorted(
        (-similarity, other)
        for other in raw
        if other != listing_id and (similarity := naive_similarity(own, raw[other], policy)) >= policy.blend.threshold
    )[: policy.blend.neighbors]
    result = {}
    for modality, row in own.items():
        if isinstance(row, SparseRow):
            result[modality] = row
            continue
        total = row.astype(float).tolist()
        for negative, other in ranked:
            if modality in raw[other]:
                total = [t - negative * x for t, x in zip(total, raw[other][modality].tolist(), strict=True)]
        length = math.sqrt(math.fsum(t * t for t in total))
        result[modality] = np.array([t / length for t in total], np.float32)
    return result


@pytest.fixture
def naive_pairs():
    """Computes who matches whom and how similar they are, with neither NumPy's products nor blocks nor tables."""

    def compute(raw, policy):
        view = {listing_id: naive_blended(listing_id, raw, policy) for listing_id in raw}
        found = {}
        for a, one in view.items():
            near_enough = []
            for b, other in view.items():
                if a == b:
                    continue
                similarity = naive_similarity(one, other, policy)
                single = {m: naive_cosine(one[m], other[m]) for m in one if m in other}
                sure = any(single.get(m, -1.0) >= least for m, least in policy.sure_thresholds.items())
                if similarity >= policy.match_threshold or sure:
                    near_enough.append((-similarity, b))
            found[a] = [(b, round(-negative, 4)) for negative, b in sorted(near_enough)[: policy.list_limit]]
        return found

    return compute
