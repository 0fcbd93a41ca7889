"""Where in the course an update is: its learning rate, its batches, and when held-out data are looked at."""

from dataclasses import dataclass
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.errors import TrainingError
from encoders.training.looping import Course, seed_of
from encoders.training.looping.schedule import is_due, pieces, rate_factor


@dataclass
class Counting:
    sizes: list[int]

    def batches(self, epoch):
        return range(self.sizes[epoch])


def run_through(course, size, epoch=0, place=0):
    return list(pieces(Counting([size] * course.epochs), course, epoch, place))


def test_rates_of_ten_updates_by_hand():
    """Two of them rise: a quarter and three quarters. Then half a cosine over eight: its first is cos(pi/16)."""
    factors = [rate_factor((update + 0.5) / 10, 0.2) for update in range(10)]
    assert factors[:3] == pytest.approx([0.25, 0.75, (1 + 0.980785) / 2])
    assert factors[5] == pytest.approx((1 + 0.195090) / 2)
    assert factors[9] == pytest.approx((1 - 0.980785) / 2, rel=1e-4)
    assert rate_factor(0.2, 0.2) == 1.0
    assert rate_factor(1.0, 0.2) == pytest.approx(0.0)


def test_without_warm_up_the_first_rate_is_the_highest():
    assert rate_factor(0.0, 0.0) == 1.0


@settings(max_examples=40)
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 9))
def test_each_batch_is_in_one_update_and_updates_do_not_span_epochs(epochs, accumulate, size):
    course = Course(epochs=epochs, accumulate=accumulate)
    found = run_through(course, size)
    assert [(piece.epoch, piece.place) for piece in found] == [(e, p) for e in range(epochs) for p in range(size)]
    for _, together in groupby(found, lambda piece: (piece.epoch, piece.first)):
        update = list(together)
        assert [piece.closes for piece in update] == [False] * (len(update) - 1) + [True]
        assert {piece.parts for piece in update} == {len(update)}
        assert len(update) <= accumulate


@settings(max_examples=40)
@given(st.integers(1, 4), st.integers(1, 9), st.data())
def test_what_is_left_of_a_course_is_its_end(accumulate, size, data):
    course = Course(epochs=3, accumulate=accumulate)
    everything = run_through(course, size)
    closing = data.draw(st.sampled_from([piece for piece in everything if piece.closes]))
    left = run_through(course, size, *closing.next)
    assert left == everything[everything.index(closing) + 1 :]


@pytest.mark.parametrize(
    ("validations", "due"),
    [(1, [4, 8, 12]), (2, [2, 4, 6, 8, 10, 12]), (0.5, [8, 12]), (0.1, [12]), (100, list(range(1, 13)))],
)
def test_validations_are_spread_over_the_epochs_and_one_is_at_the_end(validations, due):
    course = Course(epochs=3, validations=validations)
    assert [n for n, piece in enumerate(run_through(course, 4), 1) if is_due(piece, course)] == due


def test_an_epoch_without_batches_is_an_error():
    with pytest.raises(TrainingError, match=r"epoch 2: no batches, at least one wanted; give more"):
        list(pieces(Counting([1, 0]), Course(epochs=2), 0, 0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": 0},
        {"accumulate": 0},
        {"warm_up": 1.0},
        {"weight_decay": -0.1},
        {"clip": 0.0},
        {"patience": 0},
        {"validations": 0.0},
        {"precision": "fp16"},
        {"checkpoint_s": float("nan")},
        {"ahead": 0},
    ],
)
def test_a_setting_out_of_its_range_is_an_error(wrong):
    with pytest.raises(TrainingError, match=f"setting '{next(iter(wrong))}': .* wanted"):
        Course(**wrong)


def test_how_often_it_is_kept_decides_nothing():
    assert Course(checkpoint_s=1, ahead=9).deciding == Course().deciding
    assert Course(seed=1).deciding != Course().deciding


def test_seeds_are_decided_by_their_parts():
    assert seed_of(1, 2, "place") == seed_of(1, 2, "place")
    parts = [(1, 2), (2, 1), (12,), (1, "2"), ("12",), ("1", "2"), (), (-1,)]
    assert len({seed_of(*some) for some in parts}) == len(parts)


@given(st.lists(st.integers() | st.text(), max_size=3))
def test_seeds_are_what_generators_take(parts):
    assert 0 <= seed_of(*parts) < 2**63
