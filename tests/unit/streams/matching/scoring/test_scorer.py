import numpy as np
import orjson
import pytest
from fakes.scored_shop import examples, pairs_of, shop, turned

from streams.errors import SettingsError
from streams.matching import Details
from streams.matching.scoring import COMPARISONS, START, Scorer


@pytest.fixture
def scorer(scorer_text):
    return Scorer.from_text(scorer_text, "bundle 'mine'")


@pytest.fixture
def unseen():
    """Pairs of products that training has not seen."""
    return examples(products=30, seed=9)


def test_it_tells_products_apart_that_it_was_not_trained_on(scorer, unseen):
    found = scorer.probabilities(unseen.pairs)
    assert found[unseen.same].mean() > 0.8
    assert found[~unseen.same].mean() < 0.1


def test_probabilities_are_the_same_from_either_side(scorer, unseen):
    assert np.array_equal(scorer.probabilities(unseen.pairs), scorer.probabilities(turned(unseen.pairs)))


def test_the_probability_of_a_pair_is_the_same_in_any_batch(scorer, unseen):
    together = scorer.probabilities(unseen.pairs)
    places = np.array([3, 200, 1000])
    assert np.array_equal(scorer.probabilities(unseen.pairs.at(places)), together[places])


def test_contributions_sum_to_the_log_odds(scorer, unseen):
    some = unseen.pairs.at(np.arange(50))
    probabilities = scorer.probabilities(some)
    for parts, probability in zip(scorer.contributions(some), probabilities, strict=True):
        assert sum(parts.values()) == pytest.approx(np.log(probability / (1 - probability)))
        assert set(parts) <= {*COMPARISONS.names, START}
        assert all(parts.values())


def test_no_pairs_have_no_scores(scorer):
    none = pairs_of([], [], [], [])
    assert scorer.probabilities(none).shape == (0,)
    assert scorer.contributions(none) == []


def test_hostile_words_are_scored_like_any_others(scorer):
    listings = [Details(), Details(title="\x00 \U0001f600" * 200), Details(title="9" * 1000), Details(gtin="x")]
    found = scorer.probabilities(pairs_of(listings, listings, [0, 1, 2, 3], [1, 2, 3, 0]))
    assert ((found >= 0) & (found <= 1)).all()


def changed(text, **fields):
    header, _, model = text.partition("\n")
    return orjson.dumps({**orjson.loads(header), **fields}).decode() + "\n" + model


@pytest.mark.parametrize(
    ("damage", "got"),
    [
        (lambda _text: "", "its first line"),
        (lambda text: text.partition("\n")[2], "its first line"),
        (lambda text: text[:-40], "a model that is not the one it was written with"),
        (lambda text: changed(text, matchstream_scorer=2), "matchstream_scorer Input should be 1"),
        (lambda text: changed(text, comparisons=["words shared"]), "columns for 1 names"),
        (lambda text: changed(text, comparisons=["words shared", "phase of the moon"]), "'phase of the moon', which"),
    ],
)
def test_a_damaged_scorer_is_one_clear_error(scorer_text, damage, got):
    with pytest.raises(SettingsError, match=r"^bundle 'mine': ") as caught:
        Scorer.from_text(damage(scorer_text), "bundle 'mine'")
    assert got in caught.value.got
    assert "matchstream fit --label" in caught.value.remedy


def test_listings_of_the_shop_are_several_to_a_product():
    listings, labels = shop()
    assert len(listings) > 2 * len(set(labels))
