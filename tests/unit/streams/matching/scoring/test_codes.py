import numpy as np
import pytest

from streams.matching import Details, Pairs
from streams.matching.scoring import WordWeights
from streams.matching.scoring.scorer import compare_in_blocks
from streams.matching.scoring.squeezed import squeezed_of


def one(first, second, name):
    """The value of a comparison, which is the same from either side."""
    some = Pairs([first, second], [second, first], np.array([0, 1]), np.array([0, 1]), {}, np.zeros(2))
    there, back = next(compare_in_blocks(some, (name,), WordWeights()))[:, 0]
    assert there == back or (np.isnan(there) and np.isnan(back))
    return there


@pytest.mark.parametrize(
    ("written", "squeezed"),
    [
        ("Sony DSC-W150", "dscw150"),
        ("nüvi 010-10936-00", "0101093600"),
        ("KDL.40/V", "kdl40v"),
        ("WH\u20111000XM4", "wh1000xm4"),
    ],
)
def test_a_code_is_one_word_whatever_signs_are_inside(written, squeezed):
    assert squeezed_of(Details(title=written)).codes == (squeezed,)


@pytest.mark.parametrize(
    ("name", "first", "second", "wanted"),
    [
        ("codes begin alike", "Sony DSC-W150", "sony DSCW150", 1.0),
        ("codes begin alike", "Sony DSCW150/B", "Sony DSC-W150", 7 / 8),
        ("codes begin alike", "tv kdl-40 black", "tv 40kdl", 0.0),
        ("codes begin alike", "x100 a77", "a70 y200", 2 / 3),
        ("codes begin alike", "Sony DSC-W150", "sony camera", np.nan),
        ("code found", "Sony DSC-W150", "sony dsc w150 camera", 7.0),
        ("code found", "camera x100 DSC-W150", "dsc w150 x100", 7.0),
        ("code found", "Sony DSC-W150", "sony camera", 0.0),
        ("code found", "phone 5s", "phone 5 s", 0.0),
        ("code found", "sony", "sony camera", np.nan),
    ],
)
def test_codes_are_compared_as_the_name_says(name, first, second, wanted):
    assert one(Details(title=first), Details(title=second), name) == pytest.approx(wanted, nan_ok=True)


def stating(title="", **attributes):
    return Details(title=title, attributes=tuple(attributes.items()))


@pytest.mark.parametrize(
    ("first", "second", "found", "not_found"),
    [
        (stating(model="27528"), stating("lamp 27528 brass"), 1.0, 0.0),
        (stating(model="27528"), stating("lamp 27529"), 0.0, 1.0),
        (stating(model="PT-E500"), stating("label maker pte 500"), 1.0, 0.0),
        (stating(model="27528"), stating(mpn="27-528"), 1.0, 0.0),
        (stating(model="27528", colour="brass"), stating(mpn="27528", colour="steel"), 1.0, 2.0),
        (stating(size="M"), stating("shirt"), 0.0, 0.0),
        (stating(about="very long words " * 5), stating("lamp"), 0.0, 0.0),
        (stating("lamp 27528"), stating("lamp 27528"), 0.0, 0.0),
    ],
)
def test_stated_values_are_looked_for_in_the_other_listing(first, second, found, not_found):
    values = [one(first, second, f"stated values {what}") for what in ("found", "not found")]
    assert values == [found, not_found]


def test_a_value_in_the_own_title_is_not_found_for_that():
    assert one(stating("lamp 27528", model="27528"), stating("lamp"), "stated values found") == 0.0


def test_of_a_hostile_listing_only_so_much_is_looked_at():
    title = " ".join(f"{number}{'a' * 40}" for number in range(100, 120))
    attributes = tuple((str(number), f"value {number}") for number in range(100))
    hostile = squeezed_of(Details(title=title, attributes=attributes))
    assert [len(code) for code in hostile.codes] == [32] * 8
    assert len(hostile.values) == 16
