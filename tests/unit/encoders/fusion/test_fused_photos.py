"""Several photos of a listing, whoever looks at them."""

from collections.abc import Callable

import numpy as np
import pytest
from fakes.fused_parts import unit

from encoders.fusion import FusedEncoder, Parts
from encoders.types import Content, Modality, Tag

PHOTO = {Modality.IMAGE, Modality.JOINT_IMAGE}
RED, BLUE = unit([255, 0, 0]), unit([0, 0, 255])


def test_rows_of_several_photos_are_pooled_and_tags_are_of_all_of_them(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    red, blue = encoded_image("red"), encoded_image("blue")
    several, one = encoder.encode([Content(image=red, further=(blue, blue)), Content(image=red)])
    total = RED + 2 * BLUE.astype(np.float64)
    for modality in PHOTO:
        assert several.embedding[modality] == pytest.approx(total / np.linalg.norm(total), abs=1e-6)
        assert np.array_equal(one.embedding[modality], RED)
    assert several.generated.tags == {"colour": Tag("blue", 0.9)}
    assert one.generated.tags == {"colour": Tag("red", 0.9)}


@pytest.mark.parametrize("broken_first", [True, False])
def test_one_broken_photo_of_several_is_told_and_the_others_are_looked_at(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes], *, broken_first: bool
) -> None:
    photos = [encoded_image("red"), encoded_image("red")]
    photos.insert(0 if broken_first else 2, b"I am a text")
    (encoded,) = encoder.encode([Content("", photos[0], described="", further=tuple(photos[1:]))])
    for modality in PHOTO:
        assert encoded.embedding[modality] == pytest.approx(RED, abs=1e-6)
        assert "b'I am a text'" in encoded.failures[modality]
    assert encoded.generated.caption == "a red mug"
    assert encoded.failures.keys() == PHOTO


def test_photos_that_are_all_broken_are_missing_for_whoever_looks_at_them(encoder: FusedEncoder) -> None:
    (encoded,) = encoder.encode([Content("red mug", b"first", described="red mug", further=(b"second",))])
    assert not PHOTO & encoded.embedding.keys()
    told = {*PHOTO, Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}
    assert encoded.failures.keys() == told
    assert all("b'first'" in reason for reason in encoded.failures.values())
    assert not encoded.generated


def test_a_broken_photo_is_not_missing_where_the_title_says_enough(encoder: FusedEncoder) -> None:
    long = "red mug with handle"
    (encoded,) = encoder.encode([Content(long, b"broken", described=long)])
    assert encoded.failures.keys() == PHOTO


def test_photos_that_nobody_looks_at_are_not_decoded(
    parts: Parts, encoded_image: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[bytes] = []
    monkeypatch.setattr("encoders.fusion.photos.decode_image", lambda data, _: decoded.append(data))
    encoder = FusedEncoder(Parts(text=parts.text, captioner=parts.captioner))
    encoder.encode([Content("red mug with handle", encoded_image("red"), described="red mug with handle")])
    assert not decoded


def test_a_file_is_decoded_once_for_all_who_look_at_it(
    encoder: FusedEncoder, parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    encoder.encode([Content("", encoded_image("red"), described="", further=(encoded_image("blue"),))])
    seen = [{id(image) for image in one.seen} for one in (parts.image, parts.dual.photos, parts.captioner)]
    assert len(seen[0]) == 2
    assert seen[0] == seen[1] == seen[2]


def test_towers_look_at_the_photos_of_a_batch_together(
    encoder: FusedEncoder, parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    red = encoded_image("red")
    encoder.encode([Content(image=red), Content("mug"), Content(image=red, further=(red, b""))])
    assert parts.image.batches == parts.dual.photos.batches == [3]


def test_rows_that_cancel_each_other_out_leave_that_of_the_first_photo(encoded_image: Callable[..., bytes]) -> None:
    class Opposites:
        dimensions = 2

        def prepared(self, image: object) -> np.ndarray:
            return np.asarray(image.resize((1, 1)))

        def encode(self, pixels: list[np.ndarray]) -> np.ndarray:
            return np.array([[1, 0] if one[0, 0, 0] else [-1, 0] for one in pixels], np.float32)

    encoder = FusedEncoder(Parts(image=Opposites()))
    (encoded,) = encoder.encode([Content(image=encoded_image("red"), further=(encoded_image("blue"),))])
    assert encoded.embedding[Modality.IMAGE].tolist() == [1, 0]
