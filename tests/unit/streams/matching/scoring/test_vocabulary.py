import numpy as np

from streams.matching.scoring.tokens import Kind
from streams.matching.scoring.vocabulary import KINDS, Vocabulary
from streams.matching.scoring.weights import WordWeights


def test_a_token_has_one_number_a_kind_and_its_kind_and_weight_stand_there():
    vocabulary = Vocabulary()
    words = list(vocabulary.codes(Kind.WORDS, ["red", "shoe"]))
    brand = list(vocabulary.codes(Kind.BRAND, ["red"]))
    assert (words, brand) == ([0, 1], [2])
    assert list(vocabulary.codes(Kind.WORDS, ["shoe", "red"])) == [1, 0]
    assert [KINDS[place] for place in vocabulary.kinds()] == [Kind.WORDS, Kind.WORDS, Kind.BRAND]
    weights = vocabulary.weights(WordWeights(products=7, counts={Kind.WORDS: {"red": 3}}))
    assert np.allclose(weights, [np.log(8 / 4), np.log(8 / 2), 0.0], atol=1 / 128)


def test_an_empty_vocabulary_has_no_kinds_and_no_weights():
    assert Vocabulary().kinds().shape == Vocabulary().weights(WordWeights()).shape == (0,)
