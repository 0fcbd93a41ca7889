"""What models say of photos: on one line, as JSON and back."""

import pytest

from encoders.types import NOTHING_GENERATED, Generated, Tag

RED, MUG, STEEL = Tag("red", 0.9), Tag("mug", 0.8), Tag("stainless steel", 0.7)


@pytest.mark.parametrize(
    ("caption", "tags", "line"),
    [
        (None, {}, ""),
        ("a mug", {}, "a mug"),
        (None, {"colour": RED, "category": MUG}, "red, mug"),
        (
            "a red, shiny Mug.",
            {"colour": RED, "category": MUG, "material": STEEL},
            "a red, shiny Mug.; stainless steel",
        ),
        ("mugs of stainless-steel", {"category": MUG, "material": STEEL}, "mugs of stainless-steel; mug"),
        ("a photo", {"category": RED, "colour": RED}, "a photo; red"),
    ],
)
def test_a_line_is_the_caption_and_the_tags_that_it_does_not_name(caption, tags, line):
    assert Generated(caption, tags).line == line


def test_json_and_back():
    said = Generated("a mug", {"colour": RED})
    assert Generated.from_json(said.to_json()) == said
    assert Generated.from_json({**said.to_json(), "line": "of somebody else", "more": 1}) == said
    assert NOTHING_GENERATED.to_json() == {}
    assert Generated.from_json({}) == NOTHING_GENERATED


@pytest.mark.parametrize("value", [{"caption": 3}, {"tags": ["red"]}, {"tags": {"colour": "red"}}])
def test_what_is_of_another_kind_is_refused(value):
    with pytest.raises((TypeError, KeyError)):
        Generated.from_json(value)
