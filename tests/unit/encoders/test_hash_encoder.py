"""The fake that other parts are tested with must behave as they take for granted."""

import numpy as np
from fakes.hash_encoder import HashEncoder

from encoders.types import Content, Modality


def _rows(*contents: Content, modality: Modality) -> list[np.ndarray]:
    return [np.asarray(encoded.embedding[modality]) for encoded in HashEncoder().encode(contents)]


def test_titles_that_share_words_are_near_and_others_are_not() -> None:
    contents = [Content(title) for title in ("red apple phone 8", "RED apple phone 9", "garden hose")]
    phone, other_phone, hose = _rows(*contents, modality=Modality.TEXT)
    assert phone @ other_phone > 0.6
    assert abs(phone @ hose) < 0.4


def test_photos_of_one_thing_are_near_and_others_are_not() -> None:
    contents = [Content(image=data) for data in (b"shoe front", b"shoe side", b"hose front")]
    front, side, hose = _rows(*contents, modality=Modality.IMAGE)
    assert front @ side > 0.8
    assert abs(front @ hose) < 0.5


def test_a_broken_image_fails_alone() -> None:
    bad, good = HashEncoder().encode([Content("shoe", b"broken"), Content("shoe", b"shoe")])
    assert Modality.IMAGE in bad.failures
    assert set(bad.embedding) == {Modality.TEXT, Modality.LEXICAL}
    assert set(good.embedding) == {Modality.IMAGE, Modality.TEXT, Modality.LEXICAL}
