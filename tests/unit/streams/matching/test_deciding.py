"""The decision on pairs: what comes first, the three outcomes, and the thresholds that count."""

import numpy as np
import pytest

from encoders.types import Modality
from streams.matching import Details, Outcome, Pairs, Policy, Rules, decide
from streams.matching.variants import VetoKind

IMAGE, TEXT = Modality.IMAGE, Modality.TEXT
SMALL, LARGE = Details("Phone 64 GB", category="Phones"), Details("Phone 128 GB", category="phones")
LAMP = Details("Lamp", category="Lamps")
POLICY = Policy(match_threshold=0.8, review_threshold=0.6)


class Oracle:
    """A pair scorer that says what it was given."""

    def __init__(self, *probabilities):
        self._probabilities = np.array(probabilities)

    def probabilities(self, pairs):
        return self._probabilities[: len(pairs)]

    def contributions(self, pairs):
        return [{} for _ in range(len(pairs))]


def pairs_of(combined, details=LAMP, other=LAMP, **single):
    first = np.zeros(len(combined), dtype=np.intp)
    parts = {Modality(name): np.array(part) for name, part in single.items()}
    return Pairs([details], [other], first, first, parts, np.array(combined))


def outcomes(*arguments):
    return [Outcome(one) for one in decide(*arguments).outcomes.tolist()]


def test_a_score_is_a_match_or_to_be_reviewed_or_neither():
    assert outcomes(pairs_of([0.9, 0.8, 0.79, 0.6, 0.59]), Rules(POLICY)) == [
        Outcome.MATCH,
        Outcome.MATCH,
        Outcome.REVIEW,
        Outcome.REVIEW,
        Outcome.NO,
    ]


def test_without_a_review_threshold_nothing_is_reviewed():
    assert outcomes(pairs_of([0.8, 0.79]), Rules(Policy(match_threshold=0.8))) == [Outcome.MATCH, Outcome.NO]


def test_a_scorers_probability_takes_the_place_of_the_similarity_and_of_sure_modalities():
    policy = Policy(match_threshold=0.8, scorer="scorer.txt", candidate_threshold=0.3, sure_thresholds={IMAGE: 0.9})
    pairs = pairs_of([0.9, 0.1], image=[0.95, 0.1])
    decisions = decide(pairs, Rules(policy, Oracle(0.2, 0.85)))
    assert decisions.outcomes.tolist() == [Outcome.NO, Outcome.MATCH]
    assert decisions.scores.tolist() == [0.2, 0.85]


def test_a_veto_stands_above_the_score_and_a_judgement_above_both():
    policy = POLICY.model_copy(update={"vetoes": frozenset({VetoKind.STORAGE})})
    pairs = pairs_of([0.9, 0.9, 0.9, 0.1], SMALL, LARGE)
    verdicts = np.array([0, 1, -1, 1], dtype=np.int8)
    decisions = decide(pairs, Rules(policy), verdicts)
    assert decisions.outcomes.tolist() == [Outcome.NO, Outcome.MATCH, Outcome.NO, Outcome.MATCH]
    assert [veto.reason for veto in decisions.vetoes[0]] == ["64 GB against 128 GB"]
    assert outcomes(pairs, Rules(POLICY))[0] is Outcome.MATCH


def test_vetoes_are_looked_for_only_where_the_score_is_enough():
    policy = POLICY.model_copy(update={"vetoes": frozenset({VetoKind.STORAGE})})
    assert list(decide(pairs_of([0.9, 0.7, 0.5], SMALL, LARGE), Rules(policy)).vetoes) == [0, 1]


def test_a_category_that_both_are_in_has_thresholds_of_its_own():
    policy = Policy(match_threshold=0.8, categories={"phones": {"match": 0.95, "review": 0.9}})
    assert outcomes(pairs_of([0.92], SMALL, LARGE), Rules(policy)) == [Outcome.REVIEW]
    assert outcomes(pairs_of([0.92], SMALL, LAMP), Rules(policy)) == [Outcome.MATCH]


@pytest.mark.parametrize("scorer", [None, Oracle()])
def test_no_pairs_are_no_decisions(scorer):
    assert len(decide(pairs_of([]), Rules(POLICY, scorer)).outcomes) == 0
