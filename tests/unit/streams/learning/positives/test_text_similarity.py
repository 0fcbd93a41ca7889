from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from encoders.bundle import read_bundle
from encoders.types import Modality
from streams.errors import SettingsError
from streams.learning.positives.similarity import by_encoder, by_words, similarities
from streams.learning.telling import Telling
from streams.settings import load_settings

TITLES = ("acme lamp x5 black", "acme lamp x7 black", "globex drill 500w", "")
ONE, OTHER = np.array([0, 0, 1, 2, 0, 3]), np.array([1, 2, 2, 2, 1, 3])


@pytest.mark.parametrize("form", [np.asarray, csr_array])
def test_similarities_are_the_dot_products_of_rows(form):
    rows = np.random.default_rng(0).normal(size=(4, 8)).astype(np.float32)
    wanted = [float(rows[i].astype(float) @ rows[j].astype(float)) for i, j in zip(ONE, OTHER, strict=True)]
    np.testing.assert_allclose(similarities(form(rows), ONE, OTHER), wanted, atol=1e-6)


def test_of_nothing_there_is_nothing():
    read = by_words(TITLES, Telling())
    none = np.empty(0, dtype=np.intp)
    assert similarities(read([]), none, none).shape == (0,)


def test_shared_rare_words_make_titles_alike_and_nothing_said_is_nothing_alike():
    found = similarities(by_words(TITLES, Telling())(TITLES), ONE, OTHER)
    assert 0.1 < found[0] < 1
    assert found[1:3].max() < 0.05
    assert found[3] == pytest.approx(1)
    assert found[5] == 0


def test_queries_are_compared_by_the_same_words():
    rows = by_words(TITLES, Telling())(["Lamp X5", *TITLES])
    own, near, far, none = similarities(rows, np.zeros(4, dtype=np.intp), np.arange(1, 5))
    assert own > near > far == none == 0


def test_a_bundle_without_text_encoder_is_named():
    bundle = replace(read_bundle("demo"), text=None, dimensions={Modality.IMAGE: 128})
    with pytest.raises(SettingsError, match="bundle 'demo': encoders of image, lexical, a text encoder wanted; "):
        by_encoder(bundle, load_settings(), Telling())


@pytest.mark.slow
def test_a_text_encoder_finds_other_words_alike_and_leaves_empty_texts_zero():
    told = []
    telling = Telling(steps=lambda what, total: lambda done: told.append((what, total, done)))
    rows = by_encoder(read_bundle("demo"), load_settings(device="cpu"), telling)(
        ["sofa", "couch", "", "cordless drill"]
    )
    alike, unlike = similarities(rows, np.array([0, 0]), np.array([1, 3]))
    assert alike > unlike + 0.2
    assert not rows[2].any()
    assert told == [("embedding", 3, 3)]
