"""However long and strange a title is, only so much of it is read, and its end changes nothing."""

import pytest
from fakes.hostile_texts import TITLES
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.matching.details import Details
from streams.matching.scoring.tokens import tokens_of as scored_tokens
from streams.matching.variants import VetoKind, facts_of, normalised_gtin, vetoes_of
from streams.matching.variants.facts import _MOST_VALUES
from streams.matching.variants.measures import number_of
from streams.matching.variants.tokens import _LONGEST, _MOST_TOKENS, folded, tokens_of

PARTS = (
    "9",
    "1,5",
    "10'000",
    ".5",
    "x",
    "ml",
    "kg",
    "UK 8",
    "3XL",
    "red",
    "\u7ea2\u8272",
    "WH-1000",
    "/",
    "-",
    "1e400",
)
WORDS = st.lists(st.sampled_from(PARTS), max_size=60).map(" ".join)
TEXT = st.text(max_size=80) | WORDS | st.sampled_from(sorted(TITLES.values()))


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
@pytest.mark.parametrize("times", [1, 200])
def test_what_is_read_of_a_title_is_bounded(title, times):
    text = folded(title * times)
    assert len(text) <= 2 * _LONGEST
    assert len(tokens_of(text)) <= _MOST_TOKENS


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_what_stands_behind_the_longest_title_changes_nothing(text):
    filled = f"a{text}".ljust(_LONGEST, ".")[: _LONGEST - 1] + "."
    assert folded(filled + "6 x 330 ml") == folded(filled)
    assert Details.of({"title": filled + "6 x 330 ml"}).title == Details.of({"title": filled}).title


@settings(max_examples=80, deadline=None)
@given(TEXT, TEXT)
def test_any_words_state_finite_amounts_and_contradict_the_same_both_ways(one, other):
    ours, theirs = (Details(title=text, gtin=text, attributes=((text, text),)) for text in (one, other))
    for details in (ours, theirs):
        for values in facts_of(details).values.values():
            assert len(values) <= _MOST_VALUES
            assert all(0 <= number < 1e30 for value in values for number in value.numbers)
        scored_tokens(details)
    kinds = list(VetoKind)
    assert [veto.kind for veto in vetoes_of(ours, theirs, kinds)] == [
        veto.kind for veto in vetoes_of(theirs, ours, kinds)
    ]
    assert vetoes_of(ours, ours, kinds) == ()


@given(st.from_regex(r"\.?[0-9]{1,40}([.,'][0-9]{1,40}){0,5}", fullmatch=True), st.booleans())
def test_any_digits_are_a_finite_number(digits, large):
    assert 0 <= number_of(digits, large=large) <= 1e12


@given(st.text(max_size=60) | st.from_regex(r"[0-9 \-]{0,40}", fullmatch=True))
def test_a_gtin_is_fourteen_digits_or_nothing(text):
    gtin = normalised_gtin(text)
    assert gtin is None or (len(gtin) == 14 and gtin.isdecimal() and gtin.isascii())


def test_the_end_of_a_megabyte_of_digits_is_not_looked_at():
    assert normalised_gtin("4006381333931" + " " * 1_000_000) == "04006381333931"
    assert normalised_gtin(" " * 1_000_000 + "4006381333931") is None
