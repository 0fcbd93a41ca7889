import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from encoders.bundle import LexicalSpec, TextSpec
from encoders.fusion import FusedEncoder, Parts
from encoders.image import ImageEncoder
from encoders.lexical import LexicalEncoder
from encoders.text import TextEncoder
from encoders.types import Content, Modality, SparseRow

EVERYTHING = {Modality.TEXT, Modality.IMAGE, Modality.LEXICAL}


@pytest.fixture(scope="module")
def encoder(tiny_bert: Path, tiny_image: ImageEncoder) -> Iterator[FusedEncoder]:
    text, lexical = TextEncoder(TextSpec(str(tiny_bert))), LexicalEncoder(LexicalSpec())
    fused = FusedEncoder(Parts(text=text, image=tiny_image, lexical=lexical), max_pixels=10_000)
    yield fused
    fused.close()


def test_each_content_has_the_modalities_that_it_can_have(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    green = encoded_image("green")
    contents = [
        Content("red shoe", green),
        Content("red shoe"),
        Content(image=green),
        Content(" \t\n", green),
        Content("!!!", green),
        Content(),
    ]
    found = [set(encoded.embedding) for encoded in encoder.encode(contents)]
    image = {Modality.IMAGE}
    assert found == [EVERYTHING, EVERYTHING - image, image, image, image | {Modality.TEXT}, set()]
    assert encoder.dimensions == {Modality.TEXT: 16, Modality.IMAGE: 1024}


def test_rows_are_of_the_kind_and_length_promised(encoder: FusedEncoder, encoded_image: Callable[..., bytes]) -> None:
    (encoded,) = encoder.encode([Content("red shoe", encoded_image("red"))])
    assert isinstance(encoded.embedding[Modality.LEXICAL], SparseRow)
    for modality, size in encoder.dimensions.items():
        row = encoded.embedding[modality]
        assert isinstance(row, np.ndarray)
        assert (row.shape, row.dtype) == ((size,), np.float32)
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-5)


def test_bad_images_spoil_neither_their_own_titles_nor_the_images_beside_them(
    encoder: FusedEncoder, encoded_image: Callable[..., bytes]
) -> None:
    green = encoded_image("green")
    bad = {
        "a text file": (b"I am a text", "begins with b'I am a text'"),
        "cut": (green[:60], "damaged"),
        "large": (encoded_image(Image.new("RGB", (200, 51))), "10000 pixels at most"),
    }
    contents = [Content("red shoe", green), *(Content("shoe", data) for data, _ in bad.values()), Content("l", green)]
    first, *broken, last = encoder.encode(contents)
    assert set(first.embedding) == set(last.embedding) == EVERYTHING
    assert not first.failures
    assert np.array_equal(first.embedding[Modality.IMAGE], last.embedding[Modality.IMAGE])
    for encoded, (_, words) in zip(broken, bad.values(), strict=True):
        assert set(encoded.embedding) == EVERYTHING - {Modality.IMAGE}
        assert words in encoded.failures[Modality.IMAGE]


def test_a_modality_without_a_part_is_left_out(tiny_bert: Path, encoded_image: Callable[..., bytes]) -> None:
    titles_only = FusedEncoder(Parts(text=TextEncoder(TextSpec(str(tiny_bert)))))
    (encoded,) = titles_only.encode([Content("red shoe", encoded_image("red"))])
    assert set(encoded.embedding) == set(titles_only.dimensions) == {Modality.TEXT}
    assert not encoded.failures


def test_nothing_in_nothing_out(encoder: FusedEncoder) -> None:
    assert encoder.encode([]) == []


def test_rows_do_not_depend_on_the_batch(encoder: FusedEncoder, encoded_image: Callable[..., bytes]) -> None:
    contents = [Content("red shoe", encoded_image("red")), Content("blue phone 64 gb", encoded_image("blue"))]
    together = encoder.encode([*contents, *[Content("shirt " * 12, encoded_image("white"))] * 9])
    for content, expected in zip(contents, together, strict=False):
        (alone,) = encoder.encode([content])
        for modality in encoder.dimensions:
            assert alone.embedding[modality] == pytest.approx(expected.embedding[modality], abs=1e-5)


def test_it_may_run_in_any_thread(encoder: FusedEncoder, encoded_image: Callable[..., bytes]) -> None:
    """Grad mode belongs to a thread: an encoder that forgot it would fail or hold gradients elsewhere."""
    content = Content("red shoe", encoded_image("red"))
    found: list[np.ndarray] = []
    thread = threading.Thread(target=lambda: found.append(encoder.encode([content])[0].embedding[Modality.TEXT]))
    thread.start()
    thread.join()
    assert np.array_equal(found[0], encoder.encode([content])[0].embedding[Modality.TEXT])
