import pytest

from streams.matching.details import Details


@pytest.mark.parametrize("word", ["red", "rot", "rouge", "rojo", "merah", "红色"])
def test_one_colour_has_one_name_in_every_language(states, word):
    assert states("colour", f"dress {word}") == {"red"}


@pytest.mark.parametrize(
    ("title", "colours"),
    [
        ("iphone rose gold", {"rose gold"}),
        ("Pullover dunkelblau", {"blue"}),
        ("kaos merah muda", {"pink"}),
        ("xiaomi redmi", set()),
        ("手机壳黑色64", {"black"}),
        ("白", {"white"}),
        ("白菜", set()),
    ],
)
def test_the_longest_words_for_a_colour_count(states, title, colours):
    assert states("colour", title) == colours


def test_colours_count_where_the_category_says_so(reasons):
    assert reasons("dress red", "dress blau", category="Women's Dresses") == ["colour red against blue"]
    assert reasons("hülle rot", "hülle blau", category="Handyhüllen") == ["colour red against blue"]
    assert reasons("phone red", "phone blue", category="Mobile Phones") == []
    assert reasons("dress red", "dress blue") == []


def test_colours_that_sellers_mix_up_are_no_veto(reasons):
    assert reasons("bag space grey", "bag silver", category="Bags") == []
    assert reasons("shirt black/white", "shirt black", category="Shirts") == []


def test_colours_that_both_state_as_attributes_count_everywhere(reasons):
    red, blue = (Details(title="phone", attributes=(("Farbe", colour),)) for colour in ("rot", "blue"))
    assert reasons(red, blue) == ["colour red against blue"]
    assert reasons(red, Details(title="phone blue")) == []


def test_a_colour_of_an_attribute_is_compared_with_a_title_where_the_category_says_so(reasons):
    red = Details(title="dress", category="Kleider", attributes=(("colour", "red"),))
    assert reasons(red, Details(title="dress blue", category="Kleider")) == ["colour red against blue"]
