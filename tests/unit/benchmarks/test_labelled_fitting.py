"""What is fitted to labelled pairs is chosen without looking at what it is judged on."""

import numpy as np
import pytest
from benchmarks.labelled.choosing import Divided, Row, best_threshold, fit
from benchmarks.labelled.ground import Ground
from benchmarks.labelled.measuring import measure
from benchmarks.labelled.records import Labelled
from benchmarks.labelled.table import RULE, SCORER, rows

from encoders.types import Modality, SparseRow
from streams.events import Listing
from streams.matching import Details, Outcome, Policy, decide
from streams.matching.policy import BlendPolicy
from streams.matching.variants import VetoKind

pytestmark = pytest.mark.slow

PRODUCTS = 300
UNBLENDED = BlendPolicy(neighbors=0)


def labelled(titles, pairs):
    ids = tuple(f"l{place}" for place in range(len(titles)))
    own, other, same = (np.array(column) for column in zip(*pairs, strict=True))
    listings = tuple(Listing(listing_id=one, title=title) for one, title in zip(ids, titles, strict=True))
    details = tuple(Details(title=title) for title in titles)
    return Labelled(ids, listings, details, own.astype(np.intp), other.astype(np.intp), same.astype(bool))


def word_row(word):
    return SparseRow(np.array([word], dtype=np.uint32), np.ones(1, dtype=np.float32))


@pytest.fixture(scope="module")
def ground():
    """Two listings a product, near in text; beside each product one of half the storage, nearly as near."""
    random = np.random.default_rng(0)
    titles, rows_of, pairs = [], [], []
    for product in range(PRODUCTS):
        centre = random.normal(size=16)
        for storage in ("64 GB", "64 GB", "32 GB"):
            titles.append(f"thing {product} {storage}")
            rows_of.append(centre + random.normal(size=16) * 0.1)
        first = 3 * product
        pairs += [(first, first + 1, 1), (first, first + 2, 0), (first, (first + 4) % (3 * PRODUCTS), 0)]
    dense = [(row / np.linalg.norm(row)).astype(np.float32) for row in rows_of]
    found = labelled(titles, pairs)
    both = [{Modality.TEXT: row, Modality.LEXICAL: word_row(place // 3)} for place, row in enumerate(dense)]
    return Ground(found, dict(zip(found.listing_ids, both, strict=True)))


@pytest.fixture(scope="module")
def divided(ground):
    return Divided(ground.labelled)


def f1(ground, fitted):
    found = decide(ground.pairs(fitted.rules.policy), fitted.rules).outcomes == Outcome.MATCH
    same = ground.labelled.same
    return 2 * (found & same).sum() / (found.sum() + same.sum())


def test_the_best_threshold_lies_between_two_scores():
    assert best_threshold(np.array([0.9, 0.8, 0.4, 0.2]), np.array([True, True, False, False])) == pytest.approx(0.6)


def test_equal_scores_are_on_one_side_of_the_threshold():
    assert best_threshold(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, False])) == pytest.approx(0.3)


def test_no_threshold_reaches_a_score_that_nothing_may_match():
    assert best_threshold(np.array([0.4, -1.0]), np.array([True, True])) > 0


def test_listings_of_one_product_are_in_one_fold(ground, divided):
    own, other = divided.folds[ground.labelled.own], divided.folds[ground.labelled.other]
    same = ground.labelled.same
    assert (own[same] == other[same]).all()
    assert len(set(divided.folds.tolist())) == 5


def test_each_fold_is_judged_by_the_threshold_of_the_others_alone(ground, divided):
    same, first = ground.labelled.same, divided.folds[ground.labelled.own] == 0
    scores = np.where(same, np.where(first, 0.45, 0.9), 0.1)
    assert 0.1 < best_threshold(scores, same) < 0.45  # on all together, nothing would be missed
    assert divided.f1(scores) == pytest.approx(2 * (same & ~first).sum() / ((same & ~first).sum() + same.sum()))


def test_similarities_stand_at_their_pairs_across_blocks(ground):
    pairs = ground.pairs(Policy(weights={Modality.TEXT: 1.0}, blend=UNBLENDED))
    ids, part = ground.labelled.listing_ids, ground.labelled
    for place in (0, 1, len(pairs) // 2, len(pairs) - 1):
        one, two = (ground.catalogue[ids[side[place]]][Modality.TEXT].astype(float) for side in (part.own, part.other))
        assert pairs.combined[place] == pytest.approx(one @ two, abs=1e-6)


def test_a_modality_that_is_left_out_is_not_seen_at_all(ground):
    assert set(ground.pairs(Policy(weights={Modality.TEXT: 1.0}, blend=UNBLENDED)).single) == {Modality.TEXT}


def test_the_veto_that_tells_variants_apart_is_chosen_and_brings_what_similarity_cannot(ground, divided):
    vetoed, plain = (fit(Row(RULE, vetoes=vetoes), ground, divided) for vetoes in (True, False))
    assert vetoed.rules.policy.vetoes == {VetoKind.STORAGE}
    assert not plain.rules.policy.vetoes
    assert f1(ground, vetoed) == 1
    assert f1(ground, plain) < 0.9


def test_the_scorer_learns_the_same_from_the_words_and_not_without_what_variants_state(ground, divided):
    whole = fit(Row(SCORER, scorer=True, vetoes=False), ground, divided)
    blind = fit(Row(SCORER, scorer=True, vetoes=False, variants=False), ground, divided)
    assert whole.f1 > 0.99
    assert f1(ground, whole) > 0.99
    assert any(name.startswith("storage") for name in whole.rules.scorer.comparisons)
    assert not any(name.startswith(("storage", "model")) for name in blind.rules.scorer.comparisons)


def test_figures_are_those_counted_by_hand():
    pairs = labelled("abcdef", [(0, 3, 1), (1, 4, 1), (2, 5, 0), (0, 4, 0)])
    found = measure(pairs, np.array([True, False, True, False]))
    assert (found.precision, found.recall, found.f1.estimate) == (0.5, 0.5, 0.5)
    assert found.f1.low <= 0.5 <= found.f1.high


def test_a_gain_over_itself_is_nothing_and_over_finding_nothing_everything():
    pairs = labelled("abcdef", [(0, 3, 1), (1, 4, 1), (2, 5, 0), (0, 4, 0)])
    all_right, none = pairs.same, np.zeros(4, dtype=bool)
    assert measure(pairs, all_right, all_right).gain.high == 0
    assert measure(pairs, all_right, none).gain.estimate == 1


def test_every_row_is_compared_with_one_that_comes_before_it():
    names = [row.name for row in rows()]
    assert all(row.against in names[:place] for place, row in enumerate(rows()) if place)
