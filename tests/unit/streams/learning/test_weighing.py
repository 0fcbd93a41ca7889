from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from encoders.types import Modality
from streams.learning.weighing import Weighing
from streams.matching.policy import Combination, Policy

MODALITIES = IMAGE, TEXT, JOINT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.JOINT, Modality.LEXICAL
PLAIN = Policy(weights=dict.fromkeys(MODALITIES, 1.0))
MEAN = Combination.MEAN


@dataclass(frozen=True)
class Figure:
    mean_f1: float


class Judge:
    """Says how good weights are, and remembers which it was asked about."""

    def __init__(self, worth) -> None:
        self.worth, self.asked = worth, []

    def __call__(self, policy):
        self.asked.append((policy.combination, tuple(policy.weights.items())))
        return Figure(self.worth(policy))


def chosen(worth, modalities):
    judge = Judge(worth)
    weighing = Weighing(judge)
    return weighing.choose(PLAIN, modalities), judge, weighing


def near(wanted, joint=0.0):
    """The nearer the shares of what is encoded are to these, and that of joint rows beside them, the better."""

    def worth(policy):
        encoded = {one: weight for one, weight in policy.weights.items() if one is not JOINT}
        total, beside = sum(encoded.values()), policy.weights.get(JOINT, 0.0)
        off = sum(abs(encoded.get(one, 0.0) / (total or 1) - wanted.get(one, 0.0)) for one in (IMAGE, TEXT, LEXICAL))
        return 1 - off / 2 - abs(beside / (total + beside) - joint) - (policy.combination is not MEAN)

    return worth


def test_one_modality_has_nothing_to_be_weighed_against():
    policy, judge, _ = chosen(lambda _: 0.5, [TEXT])
    assert (policy.weights, len(judge.asked)) == ({TEXT: 1.0}, 1)


def test_the_best_shares_are_found():
    policy, judge, _ = chosen(near({IMAGE: 1 / 11, TEXT: 8 / 11, LEXICAL: 2 / 11}), [IMAGE, TEXT, LEXICAL])
    assert policy.weights == {IMAGE: 1.0, TEXT: 8.0, LEXICAL: 2.0}
    assert len(judge.asked) == 37


def test_the_product_of_distances_is_tried_too():
    policy, _, weighing = chosen(lambda one: float(one.combination is Combination.PRODUCT), [IMAGE, TEXT])
    assert policy.combination is Combination.PRODUCT
    assert weighing.finding(policy).chosen == "product of distances of image, text"


def test_what_is_derived_is_weighed_beside_the_best_of_the_others():
    wanted = {IMAGE: 1 / 4, TEXT: 2 / 4, LEXICAL: 1 / 4}
    policy, judge, _ = chosen(near(wanted, joint=2 / 3), list(MODALITIES))
    assert policy.weights == {IMAGE: 1.0, TEXT: 2.0, LEXICAL: 1.0, JOINT: 8.0}
    assert len(judge.asked) <= 37 + 7 + 4


def test_derived_rows_that_bring_nothing_are_left_out():
    policy, _, _ = chosen(near({IMAGE: 0.5, TEXT: 0.5}), [IMAGE, TEXT, JOINT])
    assert policy.weights == {IMAGE: 1.0, TEXT: 1.0}


def test_what_derived_rows_make_superfluous_is_left_out():
    policy, _, _ = chosen(lambda one: 0.9 if {JOINT, LEXICAL} <= set(one.weights) else 0.8, list(MODALITIES))
    assert set(policy.weights) == {JOINT, LEXICAL}


IMAGES, TITLES = Modality.JOINT_IMAGE, Modality.JOINT_TEXT
TEXT_SAID, LEXICAL_SAID = Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION


def test_a_shared_space_is_put_beside_and_never_on_the_grid():
    """One grid of three, seven more for each of the three of that space, and what may be left out."""
    policy, judge, _ = chosen(lambda one: 0.9 if {IMAGES, TEXT} <= set(one.weights) else 0.5, list(Modality))
    assert set(policy.weights) == {TEXT, IMAGES}
    assert len(judge.asked) < 37 + 3 * 7 + 2 * 10


def test_without_other_encoders_the_shared_space_is_weighed_itself():
    policy, judge, _ = chosen(lambda one: one.weights.get(TITLES, 0) / 10, [IMAGES, TITLES])
    assert policy.weights == {IMAGES: 1.0, TITLES: 8.0}
    assert len(judge.asked) == 7


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_generated_words_get_a_share_of_what_the_sellers_own_weigh(share):
    def worth(policy):
        total = sum(policy.weights.values())
        generated = sum(policy.weights.get(one, 0.0) for one in (TEXT_SAID, LEXICAL_SAID))
        own = sum(policy.weights.get(one, 0.0) for one in (TEXT, LEXICAL))
        off = abs(own + generated - 0.9 * total) / total
        return 1 - off - abs(generated / ((own + generated) or 1) - share) - (policy.combination is not MEAN)

    policy, _, _ = chosen(worth, [IMAGE, TEXT, TEXT_SAID, LEXICAL, LEXICAL_SAID])
    weights = policy.weights
    for own, said in ((TEXT, TEXT_SAID), (LEXICAL, LEXICAL_SAID)):
        both = weights.get(own, 0.0) + weights.get(said, 0.0)
        assert weights.get(said, 0.0) == share * both
        assert (own in weights) == (share < 1)
    assert weights[IMAGE] == 1.0


def test_generated_words_that_bring_next_to_nothing_weigh_nothing():
    policy, _, _ = chosen(lambda one: 0.5 + 0.0005 * (TEXT_SAID in one.weights), [TEXT, TEXT_SAID])
    assert policy.weights == {TEXT: 1.0}


def test_where_there_are_no_titles_at_all_generated_words_are_weighed_like_words():
    policy, judge, _ = chosen(lambda one: one.weights.get(TEXT_SAID, 0) / 10, [IMAGE, TEXT_SAID])
    assert policy.weights == {IMAGE: 1.0, TEXT_SAID: 8.0}
    assert len(judge.asked) == 7


@given(st.randoms(use_true_random=False))
def test_nothing_is_measured_twice_and_the_choice_is_next_to_the_best(random):
    values = {}

    def worth(policy):
        return values.setdefault(str(policy.weights) + policy.combination, random.random())

    policy, judge, weighing = chosen(worth, list(MODALITIES))
    assert len(set(judge.asked)) == len(judge.asked) < 60
    finding = weighing.finding(policy)
    best = max([finding.figure.mean_f1, *(f1 for _, f1 in finding.instead)])
    assert finding.figure.mean_f1 >= best - 0.001 * len(MODALITIES)
    assert len(finding.instead) == len(judge.asked) - 1


@pytest.mark.parametrize("combination", Combination)
def test_the_choice_fits_into_a_policy(combination):
    policy, _, _ = chosen(lambda one: float(one.combination is combination), list(MODALITIES))
    assert policy.combination is combination or len(policy.weights) == 1
