"""A real dual encoder that was taught colours for a few steps names them on photos that it never saw."""

import numpy as np
import pytest
from fakes.taught_duals import Shown, teach
from fakes.tiny_duals import save_tiny_clip

from encoders.bundle import DualSpec, TagSpec
from encoders.dual import DualEncoder
from encoders.photos import decode_image
from encoders.tags import Examples, Ranking, Tagger, choose_cut, read_list
from encoders.training.dice import Dice
from encoders.training.drawing import CameraStyle, Look, paint, photograph

pytestmark = pytest.mark.slow

COLOURS = {
    "red": (205, 30, 35),
    "green": (30, 150, 50),
    "blue": (35, 60, 200),
    "yellow": (240, 210, 30),
    "black": (25, 25, 28),
    "pink": (245, 130, 180),
}
THINGS = ["mug", "t-shirt", "handbag", "cushion", "cap", "vase"]
"""Painted all over: of a bottle or a lamp most is of metal or glass."""


def photos(seed):
    """A photo of each thing in each colour, in the order of these; no shape and no backdrop in two seeds."""
    return [
        photograph(
            paint(Look(thing, seed * 1_000 + number, "", colour, colour)),
            CameraStyle(seed * 1_000 + number, care=0.9),
            Dice(seed, number),
        )
        for colour in COLOURS.values()
        for number, thing in enumerate(THINGS)
    ]


TRUTH = [word for word in COLOURS for _ in THINGS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model that learned from two photos of each thing in each colour, and the list of colours."""
    folder = tmp_path_factory.mktemp("taught")
    save_tiny_clip(folder / "dual")
    shown = [Shown(f"a photo of {word}", photo) for word, photo in zip(TRUTH * 2, photos(1) + photos(6), strict=True)]
    teach(folder / "dual", shown, steps=60)
    (folder / "tags").mkdir()
    (folder / "tags" / "colour.txt").write_text("\n".join(COLOURS))
    return folder


@pytest.fixture(scope="module")
def dual(folder):
    return DualEncoder(DualSpec(str(folder / "dual")))


def rows_of(dual, seed):
    return list(dual.photos.encode([dual.photos.prepared(decode_image(photo)) for photo in photos(seed)]))


def test_the_right_colour_comes_first_and_a_calibrated_cut_keeps_its_promise(folder, dual):
    lists = [read_list("colour", folder / "tags" / "colour.txt", "x")]
    best = Ranking(lists, "a photo of {}", dual).best([row for seed in (2, 3, 4) for row in rows_of(dual, seed)])
    right = np.array([word == truth for word, truth in zip(best["colour"].words, TRUTH * 3, strict=True)])
    assert right.mean() >= 0.9
    cut = choose_cut(Examples(best["colour"].probabilities, right, np.arange(len(right))), 0.9)
    assert cut.calibrated
    assert cut.value is not None
    tagger = Tagger(TagSpec({"colour": "tags/colour.txt"}, {"colour": cut.value}), folder, dual)
    told = [
        (tags["colour"].word == truth, tags["colour"].probability)
        for tags, truth in zip(tagger.tags(rows_of(dual, 5)), TRUTH, strict=True)
        if tags
    ]
    assert len(told) >= len(TRUTH) * 0.7
    assert np.mean([right for right, _ in told]) >= 0.9
    assert all(cut.value <= probability <= 1 for _, probability in told)
