import re

import pytest

from streams.matching.variants.tokens import folded, tokens_of
from streams.matching.variants.units import units
from streams.matching.variants.words import table

COLOURS = table("colours")


@pytest.mark.parametrize("quantity", [name for name in table("units") if name != "reading"])
def test_every_word_of_a_quantity_is_found_behind_a_number(quantity):
    words = [word for row in table("units")[quantity]["units"].values() for word in row]
    found = {word: units().find(tokens_of(folded(f"12{word}")), 1) for word in words}
    assert {word for word, unit in found.items() if unit is None or unit[0].quantity.name != quantity} == set()


def test_no_word_means_two_colours():
    words = [word for row in COLOURS["words"].values() for word in row]
    assert len(words) == len(set(words))


def test_colours_that_are_near_each_other_are_colours():
    assert {colour for pair in COLOURS["near"] for colour in pair} <= COLOURS["words"].keys()


def test_every_pattern_of_a_standard_can_be_read():
    assert all(re.compile(pattern) for pattern in table("models")["standards"])
