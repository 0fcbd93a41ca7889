"""Batches: decided by a seed alone, each listing or product in its turn, and hard ones of one category."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.training.data import ByProduct, shuffled

SIZES = st.integers(2, 60)

EQUAL = [1] * 40


@settings(max_examples=40)
@given(st.integers(2, 200), st.integers(2, 70), st.integers(0, 9))
def test_every_listing_is_in_one_batch_and_none_is_alone(size, batch, seed):
    batches = shuffled([1] * size, batch, seed)
    assert sorted(place for one in batches for place in one.places) == list(range(size))
    lengths = [len(one.places) for one in batches]
    assert min(lengths) >= 2
    assert max(lengths) <= max(batch, 3)
    assert max(lengths) - min(lengths) <= 1


def test_batches_are_decided_by_the_seed():
    assert shuffled(EQUAL, 8, 1) == shuffled(EQUAL, 8, 1)
    assert shuffled(EQUAL, 8, 1) != shuffled(EQUAL, 8, 2)


def test_every_listing_of_every_batch_is_augmented_in_its_own_way():
    seeds = [seed for epoch in (1, 2) for batch in shuffled(EQUAL, 8, epoch) for seed in batch.seeds]
    assert len(set(seeds)) == 80


def by_product(listings_each, *, categories=1, **options):
    """Products numbered from 0, each category's side by side."""
    codes = np.repeat(np.arange(len(listings_each)), listings_each)
    return ByProduct(codes, codes * categories // len(listings_each), **options)


def products_of(sampling, batch):
    return sampling.codes[list(batch.places)]


@settings(max_examples=40)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=40), st.integers(2, 12), st.integers(2, 4), st.booleans())
def test_a_batch_has_two_products_and_of_each_as_many_listings_as_wanted(sizes, products, listings, alone):
    sampling = by_product([*sizes, 2, 2], categories=3, products=products, listings=listings, alone=alone)
    for batch in sampling.batches(4):
        found = np.bincount(products_of(sampling, batch), minlength=len(sizes) + 2)
        there = np.minimum([*sizes, 2, 2], listings)
        assert len(set(batch.places)) == len(batch.places)
        assert set(np.flatnonzero(found)) <= {code for code, size in enumerate([*sizes, 2, 2]) if alone or size > 1}
        assert (found[found > 0] == there[found > 0]).all()
        assert (found > 0).sum() >= 2


@pytest.mark.parametrize("hard", [0.0, 1.0])
def test_every_product_takes_part_once(hard):
    sampling = by_product([2] * 30, categories=5, products=6, listings=2, hard=hard)
    found = [code for batch in sampling.batches(4) for code in set(products_of(sampling, batch).tolist())]
    assert sorted(found) == list(range(30))


def test_hard_batches_are_of_one_category_and_others_are_not():
    def categories(hard):
        sampling = by_product([2] * 60, categories=5, products=6, listings=2, hard=hard)
        return [len(set(sampling.groups[list(batch.places)])) for batch in sampling.batches(4)]

    assert categories(1.0) == [1] * 10
    assert min(categories(0.0)) > 1
    mixed = categories(0.5)
    assert 1 in mixed
    assert max(mixed) > 1


def test_batches_by_product_are_decided_by_the_seed():
    sampling = by_product([3] * 30, categories=5, products=6, listings=2)
    assert sampling.batches(1) == sampling.batches(1)
    assert sampling.batches(1) != sampling.batches(2)


def test_other_listings_of_a_product_come_in_other_epochs():
    sampling = by_product([8, 8], products=2, listings=2)
    seen = {place for epoch in range(20) for batch in sampling.batches(epoch) for place in batch.places}
    assert seen == set(range(16))


def padded(batches, lengths):
    return sum(len(batch.places) * max(lengths[place] for place in batch.places) for batch in batches)


def test_titles_of_like_length_share_a_batch_and_still_meet_others_next_time():
    lengths = np.random.default_rng(3).integers(3, 60, 2_000).tolist()
    first, second = shuffled(lengths, 16, 1), shuffled(lengths, 16, 2)
    assert sorted(place for batch in first for place in batch.places) == list(range(2_000))
    assert padded(first, lengths) < 1.15 * sum(lengths)
    assert padded(shuffled([1] * 2_000, 16, 1), lengths) > 1.6 * sum(lengths)
    met = [{frozenset(batch.places) for batch in one} for one in (first, second)]
    assert not met[0] & met[1]
    means = [np.mean([lengths[place] for place in batch.places]) for batch in first]
    assert np.corrcoef(means[:-1], means[1:])[0, 1] < 0.3
