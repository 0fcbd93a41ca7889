"""Rows of the seller's words where these say enough, and of a caption beside them where they do not."""

from collections.abc import Callable

import numpy as np
import pytest
from fakes.fused_parts import LetterReader, WordReader

from encoders.fusion import FusedEncoder, Parts
from encoders.types import Content, Encoded, Generated, Modality, SparseRow

LONG = "red mug with handle"
WORDS = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}


def _is_caption_free(encoded: Encoded) -> bool:
    own, described = encoded.embedding[Modality.LEXICAL], encoded.embedding[Modality.LEXICAL_OR_CAPTION]
    assert isinstance(own, SparseRow)
    assert isinstance(described, SparseRow)
    return (
        np.array_equal(encoded.embedding[Modality.TEXT], encoded.embedding[Modality.TEXT_OR_CAPTION])
        and np.array_equal(own.indices, described.indices)
        and np.array_equal(own.values, described.values)
    )


def test_a_title_that_says_enough_has_the_rows_of_its_words_and_no_caption(
    encoder: FusedEncoder, parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    (encoded,) = encoder.encode([Content(LONG, encoded_image("red"), described=LONG)])
    assert _is_caption_free(encoded)
    assert encoded.generated.caption is None
    assert parts.captioner.batches == parts.captioner.seen == []


def test_a_short_title_is_mixed_with_a_share_of_the_caption(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    (encoded,) = encoder.encode([Content("cup", encoded_image("blue"), described="cup")])
    own, generated = LetterReader().encode(["cup", "a blue mug"])
    total = own + 0.5 * generated
    assert encoded.embedding[Modality.TEXT_OR_CAPTION] == pytest.approx(total / np.linalg.norm(total), abs=1e-6)
    assert np.array_equal(encoded.embedding[Modality.TEXT], own)
    lexical = encoded.embedding[Modality.LEXICAL_OR_CAPTION]
    assert isinstance(lexical, SparseRow)
    # 'cup' and 'mug' are at place 3: 1 + 0.5 / sqrt(3); 'a' and 'blue' at 1 and 4: 0.5 / sqrt(3)
    part = 0.5 / np.sqrt(3)
    values = np.array([part, 1 + part, part])
    assert lexical.indices.tolist() == [1, 3, 4]
    assert lexical.values == pytest.approx(values / np.linalg.norm(values), abs=1e-6)
    assert lexical.values.dtype == np.float32
    assert encoded.generated.caption == "a blue mug"


@pytest.mark.parametrize("title", ["", "  \t"])
def test_without_a_title_the_caption_stands_alone(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes], title: str
) -> None:
    (encoded,) = encoder.encode([Content(None, encoded_image("green"), described=title)])
    assert np.array_equal(encoded.embedding[Modality.TEXT_OR_CAPTION], LetterReader().encode(["a green mug"])[0])
    assert Modality.LEXICAL_OR_CAPTION in encoded.embedding
    assert not {Modality.TEXT, Modality.LEXICAL} & encoded.embedding.keys()


def test_without_a_photo_a_short_title_stands_alone(encoder: FusedEncoder) -> None:
    short, none = encoder.encode([Content("mug", described="mug"), Content(described="")])
    assert _is_caption_free(short)
    assert not short.failures
    assert none == Encoded({})


def test_a_caption_is_made_only_where_it_is_asked_for(
    encoder: FusedEncoder, parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    red = encoded_image("red")
    title, photo, *_ = encoder.encode([Content("mug", red), Content(image=red), Content(LONG, red, described=LONG)])
    assert not WORDS & (title.embedding.keys() | photo.embedding.keys())
    assert title.generated.caption is photo.generated.caption is None
    assert parts.captioner.batches == parts.captioner.seen == []


def test_without_a_captioner_nobody_is_described(encoded_image: Callable[..., bytes]) -> None:
    encoder = FusedEncoder(Parts(text=LetterReader(), lexical=WordReader()))
    (encoded,) = encoder.encode([Content("mug", encoded_image("red"), described="mug")])
    assert set(encoded.embedding) == {Modality.TEXT, Modality.LEXICAL}
    assert encoded.generated == Generated()


def test_a_caption_that_failed_is_told_and_leaves_the_rows_for_another_time(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    red, black = encoded_image("red"), encoded_image("black")
    failed, made, long = encoder.encode(
        [Content("mug", black, described="mug"), Content(image=red, described=""), Content(LONG, black, described=LONG)]
    )
    assert failed.failures == dict.fromkeys(WORDS, "caption: too late")
    assert not WORDS & failed.embedding.keys()
    assert {Modality.TEXT, Modality.LEXICAL, Modality.IMAGE} <= failed.embedding.keys()
    assert made.generated.caption == "a red mug"
    assert _is_caption_free(long)
    assert not made.failures | long.failures


def test_where_the_model_says_nothing_the_title_stands_alone(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    (encoded,) = encoder.encode([Content("mug", encoded_image("white"), described="mug")])
    assert _is_caption_free(encoded)
    assert encoded.generated.caption is None
    assert not encoded.failures


def test_the_first_photo_is_captioned_and_all_of_a_batch_together(
    encoder: FusedEncoder, parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    red, blue = encoded_image("red"), encoded_image("blue")
    first, second = encoder.encode(
        [Content(image=red, described="", further=(blue,)), Content("cup", blue, described="cup", further=(red,))]
    )
    assert (first.generated.caption, second.generated.caption) == ("a red mug", "a blue mug")
    assert parts.captioner.batches == [2]


def test_a_text_is_encoded_once_in_a_batch(
    encoder: FusedEncoder, parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    red = encoded_image("red")
    contents = [
        Content("mug", red, described="mug"),
        Content("mug ", described="mug"),
        Content("a red mug", described="a red mug"),
        Content(image=red, described=""),
    ]
    encoder.encode(contents)
    assert parts.text.read == parts.lexical.read == parts.dual.texts.read == ["mug", "a red mug"]
    encoder.encode(contents[:1])
    assert parts.text.read[2:] == ["mug", "a red mug"]


def test_a_title_of_signs_alone_has_no_lexical_row_but_that_of_its_caption(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    (encoded,) = encoder.encode([Content("!!!", encoded_image("red"), described="!!!")])
    assert Modality.LEXICAL not in encoded.embedding
    lexical = encoded.embedding[Modality.LEXICAL_OR_CAPTION]
    assert isinstance(lexical, SparseRow)
    assert lexical.indices.tolist() == [1, 3]
