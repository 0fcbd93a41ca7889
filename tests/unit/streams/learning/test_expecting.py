"""What a bundle expects of similarities: those of the pairs that the match stage would decide on."""

from dataclasses import replace

from fakes.labelled import SquaredScorer, labelled, policy, unit

from streams.learning.expecting import expected_similarities
from streams.matching import Compared, Rules, Side, Table, match_lists, similarities
from streams.matching.details import Details
from streams.matching.drift import Drift, read_expected
from streams.matching.reference import blended_view

CROWDED = policy(candidate_threshold=0.05, match_threshold=0.9)


def decided_by(catalogue, rules):
    """What the match stage tells when it makes the lists of all listings, a few at a time."""
    view, told = Table.of(blended_view(catalogue.embeddings, rules.policy)), []
    everyone = Side(view.listing_ids, [Details()] * len(catalogue))
    for start in range(0, len(catalogue), 32):
        block = view.part(start, start + 32)
        owners = Side(block.listing_ids, [Details()] * len(block.listing_ids))
        match_lists(Compared(owners, everyone, similarities(block, view, rules.policy)), rules, told.append)
    return told


def test_a_catalogue_that_is_streamed_is_spread_as_it_was_when_it_was_learned_from():
    """Each pair is decided on from both sides there and was looked at once here."""
    catalogue, rules = labelled([2] * 260), Rules(CROWDED, SquaredScorer())
    drift = Drift(read_expected(expected_similarities(catalogue, rules), "it"))
    for decided in decided_by(catalogue, rules):
        drift.add(decided.similarities(CROWDED))
    indices = drift.indices()
    assert set(indices) == {"score", "text", "image"}
    assert indices == dict.fromkeys(indices, 0)


def dulled(catalogue):
    """As an encoder sees it that says nearly the same of everything."""
    rows = {
        one: {modality: unit(row + 0.1) for modality, row in embedding.items()}
        for one, embedding in catalogue.embeddings.items()
    }
    return replace(catalogue, embeddings=rows)


def test_another_catalogue_of_the_same_kind_is_near_and_another_encoder_is_far():
    rules = Rules(CROWDED, SquaredScorer())
    expected = read_expected(expected_similarities(labelled([2] * 260), rules), "it")
    near, far = Drift(expected), Drift(expected)
    for decided in decided_by(labelled([2] * 260, seed=1), rules):
        near.add(decided.similarities(CROWDED))
    for decided in decided_by(dulled(labelled([2] * 260, seed=1)), rules):
        far.add(decided.similarities(CROWDED))
    assert max(near.indices().values()) < 0.1
    assert far.indices()["score"] > 0.25


def test_of_a_catalogue_with_few_pairs_nothing_is_expected():
    assert expected_similarities(labelled([2] * 40), Rules(CROWDED)) == {}
