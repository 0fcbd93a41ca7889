from dataclasses import replace

import numpy as np
import pytest
from fakes.labelled import SquaredScorer, labelled, policy

from encoders.types import Modality
from streams.evaluation.comparing import Comparer
from streams.evaluation.measuring import measure
from streams.evaluation.mistakes import mistakes_of
from streams.evaluation.variations import base_of
from streams.learning import LabelledCatalogue
from streams.matching.details import Details
from streams.matching.rules import Rules


def along(degrees):
    return {Modality.TEXT: np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)}


def line_up(**degrees_and_label):
    rows = {one: along(degrees) for one, (degrees, _) in degrees_and_label.items()}
    labels = tuple(label for _, label in degrees_and_label.values())
    return LabelledCatalogue(tuple(rows), rows, (Details(),) * len(rows), labels, ("",) * len(rows))


TEXT = policy(weights={"text": 1}, blend={"neighbors": 0}, match_threshold=0.9)


def found(catalogue, rules, limit=10):
    compared = Comparer(catalogue, rules).compare(base_of(rules.policy))
    return mistakes_of(measure(compared, catalogue, 50), catalogue, limit)


def pairs(mistakes, catalogue):
    return [(catalogue.listing_ids[one.one], catalogue.listing_ids[one.other]) for one in mistakes]


def test_false_pairs_by_highest_score_and_missed_by_lowest():
    catalogue = line_up(a1=(0, "a"), a2=(40, "a"), b1=(2, "b"), b2=(95, "b"), c1=(44, "c"))
    mistakes = found(catalogue, Rules(TEXT))
    assert pairs(mistakes.false, catalogue) == [("a1", "b1"), ("a2", "c1")]
    # b1 and b2 are at a right angle, so no candidates
    assert pairs(mistakes.missed, catalogue) == [("b1", "b2"), ("a1", "a2")]
    assert mistakes.missed[0].single["text"] == pytest.approx(np.cos(np.radians(93)), abs=1e-6)
    assert (mistakes.all_false, mistakes.all_missed) == (2, 2)


def test_the_same_two_products_are_shown_once_but_counted():
    catalogue = line_up(a1=(0, "a"), a2=(1, "a"), b1=(2, "b"), b2=(3, "b"))
    mistakes = found(catalogue, Rules(TEXT))
    assert (len(mistakes.false), mistakes.all_false) == (1, 4)
    assert pairs(mistakes.false, catalogue) == [("a2", "b1")]


def test_nothing_wrong_is_no_mistake():
    mistakes = found(line_up(a1=(0, "a"), a2=(1, "a"), b1=(90, "b")), Rules(TEXT))
    assert (mistakes.false, mistakes.missed) == ((), ())


def test_a_scorer_tells_what_it_went_by_the_loudest_first():
    catalogue = line_up(a1=(0, "a"), b1=(2, "b"), a2=(50, "a"))
    rules = Rules(policy(**{**TEXT.model_dump(), "scorer": "s.txt", "candidate_threshold": 0.5}), SquaredScorer())
    worst = found(catalogue, rules).false[0]
    assert worst.score == pytest.approx(worst.combined**2, abs=1e-5)
    assert list(worst.contributions) == ["combined", "image"]


def test_a_missed_pair_under_a_veto_says_so():
    catalogue = line_up(a1=(0, "a"), a2=(1, "a"), b1=(90, "b"))
    titled = replace(catalogue, details=(Details(gtin="4006381333931"), Details(gtin="0012345678905"), Details()))
    rules = Rules(policy(**{**TEXT.model_dump(), "vetoes": ["gtin"]}))
    missed = found(titled, rules).missed
    assert len(missed) == 1
    assert missed[0].score > 0.99
    assert "GTIN" in missed[0].vetoes[0]


def test_all_true_pairs_are_seen_in_any_order_of_listings():
    catalogue = labelled([3, 1, 4], noise=2.0)
    mixed = catalogue.at(np.random.default_rng(0).permutation(len(catalogue)).tolist())
    rules = Rules(policy(match_threshold=0.999))
    assert found(mixed, rules).all_missed == found(catalogue, rules).all_missed == 3 + 6
