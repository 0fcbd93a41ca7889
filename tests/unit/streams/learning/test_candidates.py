import numpy as np
import pytest

from encoders.types import Modality
from streams.learning import candidates as module
from streams.learning import find_candidates
from streams.learning.candidates import find_against_blended
from streams.matching import Policy, Table, similarities
from streams.matching.policy import BlendPolicy
from streams.matching.reference import blend_all

POLICY = Policy(weights={Modality.TEXT: 1.0, Modality.LEXICAL: 2.0}, blend=BlendPolicy(neighbors=3, threshold=0.5))


def all_at_once(view, policy, floor):
    combined = similarities(Table.of(view), Table.of(view), policy).combined
    return {(i, j): combined[i, j] for i, j in zip(*np.nonzero(np.triu(combined >= floor, 1)), strict=True)}


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_candidates_are_the_pairs_of_the_whole_table_that_reach_the_floor(shop, monkeypatch, steps):
    monkeypatch.setattr(module, "_BLOCK", 7)
    catalogue = shop(12)
    view = catalogue.embeddings
    for _ in range(steps):
        view = blend_all(view, POLICY)
    found = find_candidates(catalogue.embeddings, catalogue.details, POLICY, floor=0.3, steps=steps)
    wanted = all_at_once(view, POLICY, 0.3)
    assert len(found) > 20
    assert dict(zip(zip(found.one.tolist(), found.other.tolist(), strict=True), found.combined, strict=True)) == wanted


def test_without_neighbors_blending_changes_nothing(shop):
    catalogue, off = shop(10), POLICY.model_copy(update={"blend": BlendPolicy(neighbors=0)})
    blended, raw = (
        find_candidates(catalogue.embeddings, catalogue.details, off, floor=0.3, steps=steps) for steps in (1, 0)
    )
    assert np.array_equal(blended.combined, raw.combined)


def test_a_sure_threshold_brings_pairs_below_the_floor(shop):
    catalogue = shop(10)
    sure = Policy(weights=POLICY.weights, blend=POLICY.blend, sure_thresholds={Modality.TEXT: 0.6})
    found = find_candidates(catalogue.embeddings, catalogue.details, sure, floor=0.99)
    assert len(found)
    assert ((found.combined >= 0.99) | (found.single[Modality.TEXT] >= 0.6)).all()


def test_a_listing_that_lacks_a_modality_says_nothing_in_it(shop):
    catalogue = shop(8)
    raw = dict(catalogue.embeddings)
    raw["l0000"] = {Modality.TEXT: raw["l0000"][Modality.TEXT]}
    found = find_candidates(raw, catalogue.details, POLICY, floor=0.01)
    first = found.one == 0
    assert np.isnan(found.single[Modality.LEXICAL][first]).all()
    assert not np.isnan(found.single[Modality.LEXICAL][~first]).any()


def test_pairs_against_a_blended_query_lie_between_raw_and_blended(shop):
    catalogue = shop(12)
    raw = catalogue.embeddings, catalogue.details, POLICY
    none, one_sided, both = (
        find_candidates(*raw, floor=0.01, steps=0),
        find_against_blended(*raw, floor=0.01),
        find_candidates(*raw, floor=0.01, steps=1),
    )
    means = [found.combined[found.same(catalogue.codes)].mean() for found in (none, one_sided, both)]
    assert means == sorted(means)
    assert means[0] < means[2]


def test_an_empty_catalogue_has_no_pairs():
    assert len(find_candidates({}, (), POLICY, floor=0.1)) == 0
