"""On a generated catalogue, whose truth is known, and a log of people who click other things as well."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest

from encoders.training.catalogue import generate_catalogue
from streams.learning.positives import Catalogue, Click, ClickLog, Limits, choose_positives
from streams.learning.positives.similarity import by_words
from streams.learning.telling import Telling

SEED = 21
SESSIONS = 3000


@pytest.fixture(scope="module")
def listings():
    return sorted(generate_catalogue(150, SEED, photos=False), key=lambda one: one.listing_id)


def sessions_of(listings, sessions):
    """Somebody looks for a product by some words of one of its titles; 6 in 10 clicks are on that product.

    The others are on its category, on anything, or on the one listing that everybody clicks.
    """
    rng = np.random.default_rng(SEED)
    of_product, of_category = defaultdict(list), defaultdict(list)
    for one in listings:
        of_product[one.product_id].append(one)
        of_category[one.category].append(one)
    titled = [one for one in listings if one.title]
    for session in range(sessions):
        wanted = titled[rng.integers(len(titled))]
        query = " ".join(wanted.title.casefold().split()[:3])
        pools = of_product[wanted.product_id], of_category[wanted.category], listings, listings[:1]
        for pool in rng.choice(4, p=[0.6, 0.25, 0.1, 0.05], size=rng.integers(2, 5)):
            clicked = pools[pool][rng.integers(len(pools[pool]))]
            yield Click(str(session), query, clicked.listing_id)


@pytest.fixture(scope="module")
def measured(listings):
    """Precision and recall of the positives: by limits."""
    catalogue = Catalogue(
        tuple(one.listing_id for one in listings),
        tuple(one.title or "" for one in listings),
        tuple(one.category.casefold() for one in listings),
    )
    log = ClickLog.of(sessions_of(listings, SESSIONS), catalogue.listing_ids, 50)
    truth = {one.listing_id: one.product_id for one in listings}
    pairs = sum(truth[one] == truth[other] for one, other in combinations(truth, 2))

    def measure(**limits):
        chosen = choose_positives(log, catalogue, by_words(catalogue.titles, Telling()), Limits(**limits))
        right = sum(truth[one.a] == truth[one.b] for one in chosen.positives)
        return right / len(chosen.positives), right / pairs

    return measure


NOTHING = {"same_leaf": False, "relevance": -1, "likeness": -1, "sessions": 1, "score": 0, "per_listing": 10**6}


def test_constraints_make_positives_of_what_is_mostly_wrong(measured):
    raw_precision, raw_recall = measured(**NOTHING)
    precision, recall = measured()
    assert raw_precision < 0.2
    assert precision > 0.8
    assert recall > 0.5 * raw_recall


@pytest.mark.parametrize(
    "constraint",
    [{"same_leaf": True}, {"relevance": 0.1}, {"likeness": 0.25}, {"sessions": 2}, {"score": 0.1}],
    ids=lambda one: next(iter(one)),
)
def test_each_constraint_alone_makes_them_more_right(measured, constraint):
    assert measured(**{**NOTHING, **constraint})[0] > measured(**NOTHING)[0] + 0.02
