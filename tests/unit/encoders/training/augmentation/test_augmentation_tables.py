"""The tables of spellings say one thing each way, and nothing that a variant veto would read."""

from collections import Counter
from itertools import permutations

import pytest

from encoders.training.augmentation.spellings import units, words
from encoders.training.augmentation.wording import table
from streams.matching.details import Details
from streams.matching.variants import VetoKind, vetoes_of
from streams.matching.variants.facts import facts_of

SHELVES = table("abbreviations")["words"]
WRITTEN = table("abbreviations")["written"]
UNITS = table("abbreviations")["units"]
NOISE = [*table("sellers")["prefixes"], *table("sellers")["suffixes"]]
ROWS = [(long, *others) for shelf in SHELVES.values() for long, others in shelf.items()]
UNIT_ROWS = [
    (long, *others, *UNITS["beside"].get(long, ()), *UNITS["written"].get(long, ()))
    for long, others in UNITS["both"].items()
]


def contradictions(one, other):
    return vetoes_of(Details(title=one), Details(title=other), tuple(VetoKind))


def test_the_table_is_as_long_as_promised():
    assert len(ROWS) >= 80
    assert set(SHELVES) == {"general", "colours", "electronics", "household", "clothing", "food"}


def test_every_spelling_that_is_read_means_one_thing():
    read = Counter(word for row in ROWS for word in row)
    assert [word for word, times in read.items() if times > 1] == []


def test_every_unit_that_is_read_means_one_thing():
    rows = [(long, *others) for part in ("both", "beside") for long, others in UNITS[part].items()]
    read = Counter(word for long, *others in rows for word in others) + Counter(UNITS["both"].keys())
    assert [word for word, times in read.items() if times > 1] == []
    assert set(UNITS["beside"]) | set(UNITS["written"]) <= set(UNITS["both"])


def test_what_is_only_written_is_read_nowhere():
    read = {word for row in ROWS for word in row}
    assert read.isdisjoint(word for short in WRITTEN.values() for word in short)
    in_units = {word for part in ("both", "beside") for long, others in UNITS[part].items() for word in (long, *others)}
    assert in_units.isdisjoint(word for short in UNITS["written"].values() for word in short)


def test_spellings_are_in_small_letters_and_can_be_found():
    for spellings, found in ((words(), "{}"), (units(), "7{}")):
        for word in spellings.others:
            assert word == word.lower()
            match = spellings.pattern.fullmatch(found.format(word))
            assert match, word
            assert word in (match[0], match[match.lastindex or 0])


@pytest.mark.parametrize("frame", ["Acme {}", "Acme 12 {} x", "Acme 3 {}", "{} 40 Acme", "Acme {} 500 ml"])
def test_no_veto_tells_the_spellings_of_a_word_apart(frame):
    written = [(long, *short) for long, short in WRITTEN.items()]
    pairs = [pair for row in [*ROWS, *written] for pair in permutations(row, 2)]
    assert [pair for pair in pairs if contradictions(*(frame.format(word) for word in pair))] == []


def test_no_veto_tells_the_spellings_of_a_unit_apart():
    pairs = [pair for row in UNIT_ROWS for pair in permutations(row, 2)]
    assert [pair for pair in pairs if contradictions(*(f"Acme 12{word} kettle" for word in pair))] == []


def test_noise_states_nothing_about_the_product():
    for noise in NOISE:
        assert not any(facts_of(Details(title=noise)).sets.values()), noise
        assert not any(letter.isdigit() for letter in noise.replace("100%", "")), noise


def test_noise_beside_a_number_states_no_more_than_the_number():
    for noise in NOISE:
        for one in (f"{noise} 8 kettle 9", *(f"8 kettle 9{sign}{noise}" for sign in table("sellers")["signs"])):
            assert facts_of(Details(title=one)).sets == facts_of(Details(title="8 kettle 9")).sets, one


def test_noise_says_nothing_of_the_condition():
    worn = ("used", "refurb", "renewed", "grade", "faulty", "spares", "second", "open box", "pre-owned")
    assert [noise for noise in NOISE if any(word in noise.lower() for word in worn)] == []
