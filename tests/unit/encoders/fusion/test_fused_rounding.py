"""Where a bundle says so, every row that leaves the encoders is of numbers that float16 holds."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from fakes.fused_parts import LetterReader, WordReader
from fakes.rows import bits, dense, random_dense, sparse

from encoders.fusion import FusedEncoder, Parts
from encoders.fusion.mixing import mixed
from encoders.rounding import rounding_to, to_float16
from encoders.types import Content, Modality, SparseRow


def test_rounding_keeps_directions_and_does_nothing_the_second_time() -> None:
    row = random_dense(np.random.default_rng(1), 384)
    rounded = to_float16(row)
    assert isinstance(rounded, np.ndarray)
    assert rounded.dtype == np.float32
    assert rounded == pytest.approx(row, abs=2**-11 * float(np.abs(row).max()))
    assert not np.array_equal(rounded, row)
    assert bits({Modality.TEXT: to_float16(rounded)}) == bits({Modality.TEXT: rounded})


def test_a_word_that_counts_for_nothing_any_more_is_no_entry() -> None:
    rounded = to_float16(sparse({3: 0.1, 5: 1e-9, 9: 0.5}))
    assert isinstance(rounded, SparseRow)
    assert rounded.indices.tolist() == [3, 9]
    assert rounded.values.tolist() == [np.float32(np.float16(0.1)), 0.5]


def test_where_a_bundle_says_float32_nothing_is_rounded() -> None:
    row = dense(0.1, 0.2)
    assert rounding_to("float32")(row) is row


def test_every_row_is_rounded_and_those_of_several_are_made_of_rounded_ones(
    parts: Parts, encoded_image: Callable[..., bytes]
) -> None:
    contents = [Content("cup", encoded_image("blue"), described="cup", further=(encoded_image("red"),))]
    (whole,) = FusedEncoder(parts).encode(contents)
    (encoded,) = FusedEncoder(replace(parts, rows="float16")).encode(contents)
    assert encoded.embedding.keys() == whole.embedding.keys()
    assert len(encoded.embedding) == 7
    assert bits(encoded.embedding) == bits({m: to_float16(row) for m, row in encoded.embedding.items()})
    assert bits(encoded.embedding) != bits(whole.embedding)
    (text,), (words,) = LetterReader().encode(["a blue mug"]), WordReader().encode(["a blue mug"])
    for own, said, described in (
        (Modality.TEXT, text, Modality.TEXT_OR_CAPTION),
        (Modality.LEXICAL, words, Modality.LEXICAL_OR_CAPTION),
    ):
        mixture = mixed(encoded.embedding[own], to_float16(said), parts.captioner.share)
        assert mixture is not None
        assert bits({described: to_float16(mixture)}) == bits({described: encoded.embedding[described]})
