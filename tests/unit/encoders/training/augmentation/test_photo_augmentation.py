from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from encoders.bundle import ImageSpec
from encoders.photos import prepare
from encoders.training.augmentation import PhotoAugmentation, PhotoSettings
from encoders.training.augmentation.framing import bordered, mirrored, tilted
from encoders.training.augmentation.light import blurred, recoloured, recompressed
from encoders.training.augmentation.marks import erased, watermarked
from encoders.training.dice import Dice

SIDE = 96
CHANGES = [field.name for field in fields(PhotoSettings) if field.name != "strength"]
NOTHING = PhotoSettings(**dict.fromkeys(CHANGES, 0.0))
EVERYTHING = PhotoSettings(**dict.fromkeys(CHANGES, 1.0))


def photo(width=90, height=80):
    """Colours with edges, so that every change can be seen."""
    small = np.random.default_rng(5).integers(30, 226, (9, 9, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.NEAREST)


def evaluated(image, side=SIDE, spec=None):
    spec = spec or ImageSpec(resize=round(256 * side / 224), crop=side)
    return torch.from_numpy(prepare(image, spec).copy()).permute(2, 0, 1)


def difference(one, other):
    return (one.float() - other.float()).abs().mean().item()


def test_without_strength_it_is_what_evaluation_looks_at():
    assert torch.equal(PhotoAugmentation(SIDE, replace(EVERYTHING, strength=0.0))(photo(), 7), evaluated(photo()))


def test_with_no_probability_it_is_what_evaluation_looks_at():
    assert torch.equal(PhotoAugmentation(SIDE, NOTHING)(photo(), 7), evaluated(photo()))


def test_it_prepares_as_the_evaluation_it_is_told_of_at_its_own_side():
    spec = ImageSpec(resize=200, crop=192, interpolation="bicubic")
    got = PhotoAugmentation(SIDE, NOTHING, evaluation=spec)(photo(), 7)
    assert torch.equal(got, evaluated(photo(), spec=ImageSpec(resize=100, crop=96, interpolation="bicubic")))


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_shows_and_leaves_the_picture_to_be_seen(change):
    only, usual = replace(NOTHING, **{change: 1.0}), evaluated(photo())
    for seed in range(8):
        got = PhotoAugmentation(SIDE, only)(photo(), seed)
        assert 0.05 < difference(got, usual) < 70, seed
        assert got.float().std() > 20, seed


@pytest.mark.parametrize("change", [name for name in CHANGES if name not in ("flip", "crop")])
def test_less_strength_changes_less(change):
    usual = evaluated(photo())
    strong, mild = (
        sum(
            difference(PhotoAugmentation(SIDE, replace(NOTHING, **{change: 1.0}, strength=much))(photo(), seed), usual)
            for seed in range(6)
        )
        for much in (1.0, 0.2)
    )
    assert mild < strong * 0.8


def test_a_crop_of_little_strength_is_close_to_what_evaluation_looks_at():
    mild, strong = (PhotoAugmentation(SIDE, replace(NOTHING, crop=1.0, strength=much)) for much in (0.02, 1.0))
    soft = photo().filter(ImageFilter.GaussianBlur(6))
    usual = evaluated(soft)
    assert difference(mild(soft, 1), usual) < 0.2 * difference(strong(soft, 1), usual)


@given(seed=st.integers(0, 2**63 - 1), strength=st.floats(0, 1), side=st.integers(16, 40))
@settings(max_examples=25, deadline=None)
def test_every_picture_has_the_shape_asked_for_and_shows_something(seed, strength, side):
    got = PhotoAugmentation(side, replace(EVERYTHING, strength=strength))(photo(), seed)
    assert (got.shape, got.dtype, got.is_contiguous()) == ((3, side, side), torch.uint8, True)
    assert got.float().std() > 8


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 700), (900, 7), (30, 400), (1200, 900)])
@pytest.mark.parametrize("strength", [0.0, 0.4, 1.0])
def test_photos_of_any_size_are_augmented(size, strength):
    got = PhotoAugmentation(SIDE, replace(EVERYTHING, strength=strength))(photo(*size), 3)
    assert (got.shape, got.dtype) == ((3, SIDE, SIDE), torch.uint8)


def test_a_long_photo_is_looked_at_near_its_middle():
    tall = Image.new("RGB", (40, 800), "black")
    tall.paste("white", (0, 360, 40, 440))
    crop = PhotoAugmentation(SIDE, replace(NOTHING, crop=1.0))
    assert all(crop(tall, seed).float().mean() > 150 for seed in range(30))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA"])
def test_a_photo_of_another_mode_is_augmented_as_the_same_in_rgb(mode):
    image = photo().convert(mode)
    augmentation = PhotoAugmentation(SIDE, EVERYTHING)
    assert torch.equal(augmentation(image, 2), augmentation(image.convert("RGB"), 2))


@pytest.mark.parametrize("step", [tilted, mirrored, recoloured, blurred, bordered, watermarked, recompressed, erased])
def test_each_step_leaves_the_picture_it_is_given_as_it_is(step):
    image = photo(SIDE, SIDE)
    assert step(image, 1.0, Dice(2)).size == (SIDE, SIDE)
    assert np.array_equal(np.asarray(image), np.asarray(photo(SIDE, SIDE)))


def test_the_photo_itself_stays_as_it_is():
    image = photo()
    PhotoAugmentation(SIDE, EVERYTHING)(image, 2)
    assert np.array_equal(np.asarray(image), np.asarray(photo()))


def test_the_seed_decides_and_nothing_drawn_elsewhere():
    augmentation, image = PhotoAugmentation(SIDE), photo()
    torch.manual_seed(1)
    first = [augmentation(image, seed) for seed in range(12)]
    torch.manual_seed(2)
    again = [PhotoAugmentation(SIDE)(image, seed) for seed in reversed(range(12))]
    assert all(torch.equal(*pair) for pair in zip(first, reversed(again), strict=True))
    assert len({one.numpy().tobytes() for one in first}) == 12


def test_threads_get_the_same():
    augmentation, image = PhotoAugmentation(SIDE, EVERYTHING), photo()
    alone = [augmentation(image, seed) for seed in range(24)]
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda seed: augmentation(image, seed), range(24)))
    assert all(torch.equal(*pair) for pair in zip(alone, together, strict=True))


def test_torch_draws_the_same_after_it():
    torch.manual_seed(4)
    wanted = torch.rand(3)
    torch.manual_seed(4)
    PhotoAugmentation(SIDE, EVERYTHING)(photo(), 1)
    assert torch.equal(torch.rand(3), wanted)


def test_how_often_one_change_happens_changes_nothing_about_another():
    soft, plain = (PhotoAugmentation(SIDE, replace(NOTHING, erasing=1.0, blur=share)) for share in (1.0, 0.0))
    empty = Image.new("RGB", (90, 80), "orange")
    assert torch.equal(soft(empty, 5), plain(empty, 5))
    assert not torch.equal(soft(photo(), 5), plain(photo(), 5))


@pytest.mark.parametrize("change", ["strength", *CHANGES])
@pytest.mark.parametrize("share", [-0.1, 1.01, float("nan")])
def test_a_setting_that_is_no_share_is_refused_by_name(change, share):
    with pytest.raises(ValueError, match=f"photo augmentation: {change} is {share}, a number from 0 to 1 wanted"):
        PhotoSettings(**{change: share})


def test_a_side_too_small_is_refused():
    with pytest.raises(ValueError, match="side has 4 pixels, 16 or more wanted"):
        PhotoAugmentation(4)
