"""Loading ahead: in order, so far and no further, errors in their turn, and no thread left."""

import threading
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.training.looping.prefetch import prefetched


@settings(max_examples=20)
@given(st.lists(st.integers(), max_size=12), st.integers(1, 4))
def test_everything_comes_in_order(items, ahead):
    assert list(prefetched(lambda item: item * 2, items, ahead)) == [(item, item * 2) for item in items]


def test_no_more_is_taken_than_is_loaded_ahead():
    taken = []

    def items():
        for number in range(10):
            taken.append(number)
            yield number

    with closing(prefetched(str, items(), 2)) as ready:
        next(ready)
        assert taken == [0, 1, 2]
        next(ready)
        assert taken == [0, 1, 2, 3]


def test_the_next_is_loaded_while_one_is_used():
    begun = [threading.Event() for _ in range(3)]

    def load(number):
        begun[number].set()
        return number

    with closing(prefetched(load, range(3), 1)) as ready:
        next(ready)
        assert begun[1].wait(10)


def test_an_error_comes_in_its_turn_and_ends_the_threads():
    def load(number):
        if number == 1:
            raise ValueError("listing 1 has no photo")
        return number

    ready = prefetched(load, range(5), 3)
    assert next(ready) == (0, 0)
    with pytest.raises(ValueError, match="listing 1 has no photo"):
        next(ready)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("load")]


def test_closing_ends_the_threads():
    ready = prefetched(str, range(100), 2)
    next(ready)
    ready.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("load")]
