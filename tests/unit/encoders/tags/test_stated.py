import pytest

from encoders.tags import TagList, stated_words

LISTS = [
    TagList("colour", {"red": ("red",), "grey": ("grey", "gray")}, {"red": "red", "grey": "grey", "gray": "grey"}),
    TagList("category", {"shoes": ("shoes",)}, {"shoes": "shoes"}),
    TagList("fit", {"slim": ("slim",)}, {"slim": "slim"}),
]


@pytest.mark.parametrize(
    ("listing", "found"),
    [
        ({"attributes": {"colour": "Gray "}}, {"colour": "grey"}),
        ({"attributes": {"Main_Color": "red", "fit": "SLIM"}}, {"colour": "red", "fit": "slim"}),
        ({"attributes": {"colour": "red", "color": "RED"}}, {"colour": "red"}),
        ({"attributes": {"colour": "red", "color": "grey"}}, {}),
        ({"attributes": {"colour": "red and grey"}}, {}),
        ({"attributes": {"colour": 7, "size": "red"}}, {}),
        ({"attributes": ["colour"], "title": "red shoes", "colour": "red"}, {}),
        ({"category": "Clothing > Shoes"}, {"category": "shoes"}),
        ({"category": "Shoes > Laces"}, {}),
        ({"category": 3}, {}),
        ({}, {}),
    ],
)
def test_what_sellers_state_is_what_an_attribute_or_the_category_equals(listing, found):
    assert stated_words(listing, LISTS) == found
