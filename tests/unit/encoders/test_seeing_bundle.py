"""A bundle of all parts, through the real classes: written, loaded, and asked about photos."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.seeing_bundle import TAG_LISTS, seeing_bundle

from encoders import Content, load_encoder
from encoders.bundle import Bundle
from encoders.errors import BundleError
from encoders.loading import load_derive
from encoders.types import Encoded, Encoder, Modality

PHOTO = {Modality.JOINT_IMAGE}
TITLE = {Modality.TEXT, Modality.LEXICAL, Modality.JOINT_TEXT}
WORDS = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return seeing_bundle(tmp_path_factory.mktemp("bundles") / "seeing")


@pytest.fixture(scope="module")
def encoder(bundle: Bundle) -> Encoder:
    return load_encoder(bundle, device="cpu")


def _row(encoded: Encoded, modality: Modality) -> np.ndarray:
    row = encoded.embedding[modality]
    assert isinstance(row, np.ndarray)
    return row


def test_every_part_of_a_bundle_has_a_say(
    bundle: Bundle, encoder: Encoder, encoded_image: Callable[..., bytes]
) -> None:
    red, blue = encoded_image("red"), encoded_image("blue")
    both, title, photos = encoder.encode(
        [
            Content("red shoe with a case", red, described="red shoe with a case"),
            Content("red shoe with a case", described="red shoe with a case"),
            Content(image=red, described="", further=(blue,)),
        ]
    )
    assert set(both.embedding) == TITLE | PHOTO | WORDS
    assert set(title.embedding) == TITLE | WORDS
    assert set(photos.embedding) == PHOTO | WORDS
    assert (both.generated.caption, title.generated.caption) == (None, None)
    assert photos.generated.caption
    assert both.generated.tags.keys() == photos.generated.tags.keys() == TAG_LISTS.keys()
    assert not title.generated
    assert {modality: len(_row(both, modality)) for modality in encoder.dimensions} == {
        modality: size for modality, size in bundle.dimensions.items() if not modality.derived
    }


def test_what_was_encoded_is_summed_in_the_space_of_the_two_towers(
    bundle: Bundle, encoder: Encoder, encoded_image: Callable[..., bytes]
) -> None:
    (encoded,) = encoder.encode([Content("red shoe", encoded_image("red"))])
    joint = load_derive(bundle)(encoded.embedding, {})[Modality.JOINT]
    total = _row(encoded, Modality.JOINT_IMAGE) + _row(encoded, Modality.JOINT_TEXT)
    assert joint == pytest.approx(total / np.linalg.norm(total), abs=1e-6)


def test_the_time_for_captions_reaches_the_captioner(bundle: Bundle, encoded_image: Callable[..., bytes]) -> None:
    hurried = load_encoder(bundle, device="cpu", caption_timeout_s=0.0)
    (encoded,) = hurried.encode([Content(image=encoded_image("red"), described="")])
    assert set(encoded.embedding) == PHOTO
    assert encoded.failures.keys() == WORDS
    assert "MATCHSTREAM_CAPTION_TIMEOUT_S" in encoded.failures[Modality.TEXT_OR_CAPTION]


def test_a_dual_encoder_of_other_dimensions_than_the_bundle_says_is_refused(bundle: Bundle) -> None:
    sizes = {**bundle.dimensions, Modality.JOINT_IMAGE: 64, Modality.JOINT_TEXT: 64}
    got = "encoders of joint_image 32, joint_text 32, text 16, text_or_caption 16 dimensions"
    wanted = "joint_image 64, joint_text 64, text 16, text_or_caption 16 wanted"
    with pytest.raises(BundleError, match=f"{got}, {wanted}"):
        load_encoder(replace(bundle, dimensions=sizes), device="cpu")


def test_captions_need_neither_a_dual_encoder_nor_an_image_encoder(
    tmp_path: Path, encoded_image: Callable[..., bytes]
) -> None:
    sizes = {Modality.TEXT: 16, Modality.TEXT_OR_CAPTION: 16}
    bundle = seeing_bundle(tmp_path / "saying", dual=None, joint=None, tags=None, dimensions=sizes, matching={})
    (encoded,) = load_encoder(bundle, device="cpu").encode([Content(image=encoded_image("red"), described="")])
    assert set(encoded.embedding) == WORDS
    assert encoded.generated.caption
