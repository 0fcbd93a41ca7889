from dataclasses import replace

import numpy as np
import pytest

from encoders.types import Modality
from streams.errors import SettingsError
from streams.learning.learn import SCORER_FILE, learn_matching
from streams.learning.telling import Telling
from streams.matching import Policy
from streams.matching.scoring import Scorer

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def learned_of():
    """Learns a shop once for all tests here."""
    found = {}

    def learn(catalogue, **options):
        key = len(catalogue), *sorted(options.items())
        if key not in found:
            found[key] = learn_matching(catalogue, Policy(list_limit=7, match_threshold=0.123), **options)
        return found[key]

    return learn


def test_everything_is_learned_and_the_scorer_comes_with_it(shop, learned_of):
    learned = learned_of(shop(60))
    policy = learned.policy
    assert policy.scorer == SCORER_FILE
    assert policy.candidate_threshold is not None
    assert policy.match_threshold <= policy.strong_threshold <= 1
    assert set(policy.weights) == {Modality.TEXT, Modality.LEXICAL}
    assert Scorer.from_text(learned.files[SCORER_FILE].decode(), "it").comparisons


def test_what_is_not_learned_stays_and_old_thresholds_do_not(shop, learned_of):
    policy = learned_of(shop(60)).policy
    assert policy.list_limit == 7
    assert policy.match_threshold != 0.123


def test_every_choice_says_what_else_was_tried(shop, learned_of):
    findings = {one.choice: one for one in learned_of(shop(60)).findings}
    assert list(findings)[:5] == ["weights", "blending", "calibration", "vetoes", "threshold"]
    assert len(findings["blending"].instead) == 16
    assert all(0 < one.figure.mean_f1 <= 1 for one in findings.values())
    assert findings["scorer"].figure.mean_f1 > findings["threshold"].figure.mean_f1


def test_a_modality_that_hardly_any_listing_has_leaves_calibration_out(shop):
    """Of two photos of two products no curve can be learned."""
    catalogue = shop(30)
    first, last = catalogue.listing_ids[0], catalogue.listing_ids[-1]
    photo = {Modality.JOINT_IMAGE: np.ones(4, np.float32) / 2}
    rows = {one: {**row, **(photo if one in {first, last} else {})} for one, row in catalogue.embeddings.items()}
    start = Policy(weights={Modality.TEXT: 1.0, Modality.JOINT_IMAGE: 1.0})
    learned = learn_matching(replace(catalogue, embeddings=rows), start, keep=["weights", "blend"], scorer=False)
    assert not learned.policy.calibrations
    assert learned.policy.weights == start.weights


def test_without_a_scorer_the_threshold_decides(shop, learned_of):
    learned = learned_of(shop(60), scorer=False)
    assert learned.policy.scorer is None
    assert learned.files == {}
    assert learned.policy.match_threshold < 1


def test_the_same_listings_teach_the_same(shop, learned_of):
    learned, again = learned_of(shop(60)), learn_matching(shop(60), Policy(list_limit=7))
    assert again.policy == learned.policy
    assert again.files == learned.files


def test_one_modality_is_enough(shop):
    catalogue = shop(60)
    lexical = {one: {Modality.LEXICAL: rows[Modality.LEXICAL]} for one, rows in catalogue.embeddings.items()}
    learned = learn_matching(replace(catalogue, embeddings=lexical), scorer=False)
    assert dict(learned.policy.weights) == {Modality.LEXICAL: 1.0}


def test_products_of_one_listing_each_teach_nothing(shop):
    catalogue = shop(20)
    alone = replace(catalogue, labels=tuple(catalogue.listing_ids))
    with pytest.raises(SettingsError, match=r"labelled listings: 0 of .* with another of their product"):
        learn_matching(alone)


def test_a_single_product_teaches_nothing(shop):
    catalogue = shop(20)
    with pytest.raises(SettingsError, match="with another of their product"):
        learn_matching(replace(catalogue, labels=("same",) * len(catalogue)))


def test_progress_is_told_to_its_end(shop):
    left = {}

    def steps(what, total):
        left[what] = left.get(what, 0) + total

        def advance(done):
            left[what] -= done

        return advance

    learn_matching(shop(60), telling=Telling(steps=steps))
    assert {"weights", "candidates", "pairs to learn from", "training"} <= set(left)
    assert set(left.values()) == {0}
