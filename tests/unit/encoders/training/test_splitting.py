"""Products that are held back: never learned from, the same whatever else there is, and enough to measure on."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.errors import TrainingError
from encoders.training.data import Example, Examples, some_products, split


def catalogue(sizes):
    """Products by the number of their listings."""
    return Examples.of(
        Example(f"{number}-{copy}", f"product {number}") for number, size in enumerate(sizes) for copy in range(size)
    )


def labels(examples):
    return {one.label for one in examples.all}


@settings(max_examples=40)
@given(st.lists(st.integers(1, 3), max_size=12), st.sampled_from([0.05, 0.3, 0.5, 0.95]), st.integers(0, 5))
def test_the_sides_share_no_product_and_each_has_two_with_several_listings(sizes, share, seed):
    whole = catalogue([2, 2, 2, 2, *sizes])
    sides = split(whole, share, seed)
    assert not labels(sides.training) & labels(sides.held_out)
    assert Examples.of([*sides.training.all, *sides.held_out.all]) == whole
    assert sides.training.several >= 2
    assert sides.held_out.several >= 2


def test_about_so_many_products_are_held_back():
    sides = split(catalogue([2] * 300 + [1] * 300), 0.2, seed=0)
    assert sides.held_out.products == pytest.approx(120, abs=25)
    assert sides.held_out.several == pytest.approx(60, abs=18)


@settings(max_examples=20)
@given(st.integers(0, 40), st.integers(0, 3))
def test_a_product_stays_on_its_side_when_others_are_added(more, seed):
    few, many = (split(catalogue(sizes), 0.3, seed) for sizes in ([2] * 40, [2] * 40 + [3, 1] * more))
    assert labels(few.held_out) <= labels(many.held_out)
    assert labels(few.training) <= labels(many.training)


def test_another_seed_holds_back_others():
    whole = catalogue([2] * 40)
    assert labels(split(whole, 0.3, 0).held_out) != labels(split(whole, 0.3, 1).held_out)


@pytest.mark.parametrize(
    ("sizes", "got"),
    [
        ([], "0 of 0 products"),
        ([9], "1 of 1 products"),
        ([1] * 9, "0 of 9 products"),
        ([2, 2, 2, 1], "3 of 4 products"),
    ],
    ids=["nothing", "one product", "one listing each", "three products"],
)
def test_too_few_products_with_several_listings_are_told(sizes, got):
    told = f"training data: {got} with more than one listing, at least 4, .* wanted; give more labelled listings"
    with pytest.raises(TrainingError, match=told):
        split(catalogue(sizes), 0.3, 0)


def test_what_is_measured_on_is_of_whole_products_but_for_the_last():
    whole = catalogue([3] * 20)
    some = some_products(whole, 10)
    assert len(some) == 10
    assert sorted(some.counts.tolist()) == [1, 3, 3, 3]
    assert labels(some) != {f"product {number}" for number in range(4)}
    assert some_products(whole, 60) == whole
