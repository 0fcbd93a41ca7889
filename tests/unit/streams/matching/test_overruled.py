"""What the scores alone say of judged pairs: measured against judgements, although judgements win."""

import numpy as np
import pytest

from encoders.types import Modality
from streams.events import Verdict
from streams.matching import Compared, Details, Policy, Rules, Side, Similarities, match_lists
from streams.matching.variants import VetoKind

POLICY = Policy(match_threshold=0.8, review_threshold=0.6, strong_threshold=0.9)
VETOED = POLICY.model_copy(update={"vetoes": frozenset({VetoKind.STORAGE})})
OWN = Details("Phone 64 GB")


class Sure:
    """A pair scorer that takes every pair for one product."""

    def probabilities(self, pairs):
        return np.ones(len(pairs))

    def contributions(self, pairs):
        return [{} for _ in range(len(pairs))]


def listed(combined, verdicts, rules=None, titles=None):
    """The list of 'own' among others that are so similar to it, 'o0' and so on."""
    others = [f"o{number}" for number in range(len(combined))]
    details = [Details(title) for title in titles or ["Phone"] * len(combined)]
    found = Similarities(np.array([combined]), {Modality.TEXT: np.array([combined])})
    said = {"own": dict(zip(others, verdicts, strict=True))} if verdicts else {}
    said = {one: {other: verdict for other, verdict in some.items() if verdict} for one, some in said.items()}
    [list_] = match_lists(Compared(Side(["own"], [OWN]), Side(others, details), found, said), rules or Rules(POLICY))
    return list_


def ids(matches):
    return [match.listing_id for match in matches]


def unjudged(matches):
    return {match.listing_id: match.evidence.get("unjudged") for match in matches}


def test_a_pair_judged_different_that_the_scores_would_match_is_overruled_and_no_match():
    list_ = listed([0.95, 0.85, 0.7, 0.5], [Verdict.DIFFERENT] * 4)
    assert (ids(list_.matches), ids(list_.review)) == ([], [])
    assert ids(list_.overruled) == ["o0", "o1"]
    assert unjudged(list_.overruled) == {"o0": "match", "o1": "match"}
    assert [match.evidence["rule"] for match in list_.overruled] == ["judged different"] * 2
    assert [match.strong for match in list_.overruled] == [True, False]
    assert [match.similarity for match in list_.overruled] == [0.95, 0.85]


def test_a_pair_judged_same_says_what_would_have_been_decided_without():
    list_ = listed([0.95, 0.7, 0.1], [Verdict.SAME] * 3)
    assert unjudged(list_.matches) == {"o0": "match", "o1": "review", "o2": "no"}
    assert all(match.strong for match in list_.matches)
    assert list_.overruled == ()


@pytest.mark.parametrize("verdict", [None, Verdict.UNSURE])
def test_where_no_judgement_decided_nothing_is_said_of_it(verdict):
    list_ = listed([0.95, 0.7], [verdict, verdict])
    assert unjudged((*list_.matches, *list_.review)) == {"o0": None, "o1": None}
    assert list_.overruled == ()


def test_a_veto_counts_as_the_scores_do():
    titles = ["Phone 128 GB"] * 2
    list_ = listed([0.95, 0.95], [Verdict.SAME, Verdict.DIFFERENT], Rules(VETOED), titles)
    assert unjudged(list_.matches) == {"o0": "no"}
    assert list_.overruled == ()


def test_a_pair_that_only_a_judgement_made_a_candidate_would_not_have_been_compared():
    policy = Policy(match_threshold=0.8, scorer="scorer.txt", candidate_threshold=0.3)
    list_ = listed([0.5, 0.1], [Verdict.SAME, Verdict.SAME], Rules(policy, Sure()))
    assert unjudged(list_.matches) == {"o0": "match", "o1": "no"}


def test_the_overruled_are_cut_like_the_others_the_highest_score_first():
    cut = POLICY.model_copy(update={"list_limit": 2})
    list_ = listed([0.81, 0.99, 0.9, 0.85], [Verdict.DIFFERENT] * 3 + [None], Rules(cut))
    assert (ids(list_.overruled), ids(list_.matches)) == (["o1", "o2"], ["o3"])
