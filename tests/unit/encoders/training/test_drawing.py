"""Drawings: every kind of goods can be drawn, within its frame, and each parameter changes what is seen."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from encoders.training.catalogue.goods import BRANDS, CATEGORIES
from encoders.training.dice import Dice
from encoders.training.drawing import CameraStyle, Look, paint, photograph
from encoders.training.drawing.outlines import box, turned
from encoders.training.drawing.paint import DRAWINGS, SIZE, sign

LOOK = Look("mug", 7, "Avelkor", (200, 40, 44), (30, 42, 88))


def test_every_category_has_a_drawing():
    assert {category.name for category in CATEGORIES} == set(DRAWINGS)


@pytest.mark.parametrize("category", DRAWINGS)
def test_a_drawing_is_seen_whole_whatever_its_shape(category):
    for shape in range(12):
        alpha = np.asarray(paint(replace(LOOK, category=category, shape=shape)).getchannel("A"))
        assert 0.04 < (alpha > 128).mean() < 0.8
        inside = np.concatenate([part.outline for part in DRAWINGS[category](Dice(shape)).parts])
        assert inside.min() > -0.06
        assert inside.max() < 1.06


@pytest.mark.parametrize(
    "change",
    [{"shape": 8}, {"body": (44, 92, 190)}, {"accent": (240, 204, 60)}, {"brand": "Zandrique"}, {"category": "vase"}],
)
def test_each_part_of_a_look_changes_the_picture(change):
    assert paint(LOOK).tobytes() != paint(replace(LOOK, **change)).tobytes()


def test_the_same_look_is_painted_the_same():
    assert paint(LOOK).tobytes() == paint(LOOK).tobytes()


def test_makers_signs_differ():
    shapes = {b"".join(np.round(outline, 3).tobytes() for outline in sign(brand)) for brand in BRANDS}
    assert len(shapes) > 0.9 * len(BRANDS)


def test_two_shots_of_a_careless_seller_differ_more_than_two_of_a_careful_one():
    thing = paint(LOOK)
    careful, careless = (_difference(thing, CameraStyle(3, care)) for care in (1.0, 0.2))
    assert 0 < careful < careless


def _difference(thing, style):
    shots = [photograph(thing, style, Dice(shot)) for shot in range(8)]
    return np.std([np.asarray(Image.open(io.BytesIO(shot)), dtype=float) for shot in shots], axis=0).mean()


def test_a_photograph_is_the_same_for_the_same_dice():
    thing, style = paint(LOOK), CameraStyle(3, 0.5, own_backdrop=True, marks=0.5)
    assert photograph(thing, style, Dice(5)) == photograph(thing, style, Dice(5))


def test_painted_things_have_the_size_they_say():
    assert paint(LOOK).size == (SIZE, SIZE)


def test_a_box_without_radius_is_four_corners_and_a_rounded_one_keeps_within():
    assert box(0.1, 0.2, 0.6, 0.9).tolist() == [[0.1, 0.2], [0.6, 0.2], [0.6, 0.9], [0.1, 0.9]]
    rounded = box(0.1, 0.2, 0.6, 0.9, 0.1)
    assert rounded.min(0) == pytest.approx([0.1, 0.2])
    assert rounded.max(0) == pytest.approx([0.6, 0.9])


def test_what_is_turned_on_a_lathe_is_symmetric():
    outline = turned([(0.1, 0.2), (0.3, 0.5), (0.2, 0.8)])
    right, left = outline[: len(outline) // 2], outline[len(outline) // 2 :][::-1]
    assert right[:, 0] - 0.5 == pytest.approx(0.5 - left[:, 0])
