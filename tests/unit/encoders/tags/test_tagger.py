import numpy as np
import pytest

from encoders.bundle import TagSpec
from encoders.errors import BundleError
from encoders.tags import Tagger
from encoders.types import Tag

LISTS = {"colour": "red: red, crimson\nblue\n", "thing": "mug\nshoe\nlamp\n"}
AXES = {"red": 0, "crimson": 1, "blue": 2, "mug": 3, "shoe": 4, "lamp": 5}
"""Each phrase has a direction of its own; a photo's row is how much it goes with each."""
EQUAL = {"colour": 0.5, "thing": 0.5}


class FixedDual:
    """Texts are unit vectors, photos whatever they are; probabilities by the softmax of scale times their products."""

    def __init__(self, scale=1.0):
        self.read, self._scale = [], scale

    @property
    def texts(self):
        return self

    def encode(self, texts):
        self.read.append(list(texts))
        return np.eye(len(AXES), dtype=np.float32)[[AXES[text.removeprefix("seen: ")] for text in texts]]

    def probabilities(self, photos, texts):
        logits = self._scale * (photos.astype(np.float64) @ texts.T.astype(np.float64))
        likely = np.exp(logits - logits.max(axis=1, keepdims=True))
        return likely / likely.sum(axis=1, keepdims=True)


@pytest.fixture
def make(tmp_path):
    (tmp_path / "tags").mkdir()
    for name, content in LISTS.items():
        (tmp_path / "tags" / f"{name}.txt").write_text(content)

    def tagger(cuts, dual=None):
        files = {name: f"tags/{name}.txt" for name in LISTS}
        return Tagger(TagSpec(files, cuts, "seen: {}"), tmp_path, dual or FixedDual())

    return tagger


def photo(**logits):
    """By the probability of each phrase before it is brought to a sum of 1; the others hardly count."""
    row = np.full(len(AXES), -60.0, np.float32)
    for name, share in logits.items():
        row[AXES[name]] = np.log(share)
    return row


def test_the_best_word_of_each_list_is_told_with_its_probability(make):
    found = make(EQUAL).tags(
        [photo(red=2, blue=6.1, mug=6.1, shoe=2, lamp=2), photo(crimson=7.1, blue=3, lamp=9.1, mug=1)]
    )
    assert found == [
        {"colour": Tag("blue", 0.75), "thing": Tag("mug", 0.6)},
        {"colour": Tag("red", 0.7), "thing": Tag("lamp", 0.9)},
    ]


def test_the_best_phrase_of_a_word_counts_and_not_their_sum(make):
    (found,) = make(EQUAL).tags([photo(red=4, crimson=4, blue=6.1, mug=1)])
    assert found["colour"] == Tag("blue", 0.6)


def test_probabilities_are_rounded_down_and_none_is_told_that_is_below_the_cut_as_shown(make):
    rows = [photo(red=0.879, blue=0.121, mug=1), photo(red=0.8699, blue=0.1301, mug=1)]
    high, low = make({"colour": 0.87}).tags(rows)
    assert high == {"colour": Tag("red", 0.87)}
    assert low == {}
    (exact,) = make({"colour": 0.29, "thing": 0.29}).tags([photo(red=0.29, blue=0.29, mug=29, shoe=35.5, lamp=35.5)])
    assert exact["colour"].probability == 0.5


def test_a_list_without_a_cut_tells_nothing_and_is_not_compared(make):
    dual = FixedDual()
    assert make({"thing": 0.2}, dual).tags([photo(red=1, mug=1)]) == [{"thing": Tag("mug", 1.0)}]
    assert dual.read == [["seen: mug", "seen: shoe", "seen: lamp"]]
    assert make({}).tags([photo(red=1)]) == [{}]


def test_phrases_are_encoded_once_and_a_batch_is_as_each_alone(make):
    dual = FixedDual()
    tagger = make(EQUAL, dual)
    rows = [photo(red=i + 1, blue=5, mug=3, lamp=i + 1) for i in range(9)]
    assert tagger.tags(rows) == [tagger.tags([row])[0] for row in rows]
    assert len(dual.read) == 1
    assert tagger.tags([]) == []


def test_a_list_whose_phrases_are_all_beyond_a_models_sharpness_tells_nothing_wrong(make):
    (found,) = make({"colour": 0.0, "thing": 0.0}, FixedDual(scale=5000.0)).tags([photo(red=1, mug=10)])
    assert found["thing"] == Tag("mug", 1.0)
    assert found["colour"].probability == 0.0


def test_a_list_that_cannot_be_read_names_the_bundle(make, tmp_path):
    (tmp_path / "tags" / "colour.txt").write_text("red\nred")
    with pytest.raises(BundleError, match=f"bundle '{tmp_path.name}': list .*colour.txt', line 2"):
        make(EQUAL)
