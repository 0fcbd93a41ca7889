import numpy as np
import pytest
from fakes.labelled import SquaredScorer, labelled, policy

from streams.evaluation.comparing import Comparer
from streams.evaluation.variations import Variation, base_of
from streams.learning import find_candidates
from streams.matching.rules import Rules


def test_candidates_are_those_of_the_reference_arithmetic():
    catalogue = labelled([3] * 10)
    compared = Comparer(catalogue, Rules(policy())).compare(base_of(policy()))
    direct = find_candidates(catalogue.embeddings, catalogue.details, policy(), floor=0.05)
    assert compared.candidates.one.tolist() == direct.one.tolist()
    assert compared.scores == pytest.approx(direct.combined)


def test_candidates_are_found_once_for_rows_that_share_them():
    comparer = Comparer(labelled([3] * 10), Rules(policy()))
    first = comparer.compare(base_of(policy()))
    assert comparer.compare(Variation("other", policy(match_threshold=0.7, version="x"))).candidates is first.candidates
    assert comparer.compare(Variation("none", policy(), steps=0)).candidates is not first.candidates


def test_a_large_catalogue_keeps_some_tens_of_candidates_per_listing_and_all_that_rules_look_at():
    catalogue = labelled([2] * 300, noise=0.4)
    compared = Comparer(catalogue, Rules(policy())).compare(base_of(policy()))
    assert 10 * len(catalogue) < len(compared.candidates) < 60 * len(catalogue)
    wanted = find_candidates(catalogue.embeddings, catalogue.details, policy(), floor=0.7)
    assert (compared.candidates.combined >= 0.7).sum() == len(wanted)


def test_a_scorer_sees_only_what_the_stream_would_show_it():
    rules = Rules(policy(scorer="s.txt", candidate_threshold=0.5), SquaredScorer())
    compared = Comparer(labelled([3] * 10), rules).compare(base_of(rules.policy))
    assert compared.candidates.combined.min() >= 0.5
    assert compared.scores == pytest.approx(compared.candidates.combined**2, abs=1e-6)


def test_a_blended_query_against_raw_rows_is_another_comparison():
    comparer = Comparer(labelled([4] * 10), Rules(policy()))
    both = comparer.compare(base_of(policy())).candidates
    query = comparer.compare(Variation("query", policy(), query_only=True)).candidates
    raw = comparer.compare(Variation("raw", policy(), steps=0)).candidates
    same = comparer.catalogue.codes
    means = [float(np.mean(one.combined[one.same(same)])) for one in (raw, query, both)]
    assert means == sorted(means)
    assert len(set(means)) == 3
