import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import streams.matching.variants as package
from streams.matching.details import Details
from streams.matching.variants import VetoKind, facts_of, vetoes_of

WORDS = [
    *(
        "64GB",
        "128 GB",
        "8 GB RAM",
        "6-pack",
        "pack of 12",
        "6 x 330 ml",
        "1,5 l",
        "500 ml",
        "0.5 kg",
        "WH-1000XM3",
        "wh1000xm4",
    ),
    *(
        "size M",
        "size L",
        "EU 42",
        "Gr. 43",
        "red",
        "blau",
        "noir",
        "红色",
        "55 inch",
        "140cm",
        "30x40 cm",
        "220-240V",
        "up to",
        "2x",
    ),
]
CATEGORIES = ["", "Clothing", "Mobile Phones"]
TITLES = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=7).map(" ".join)
DETAILS = st.builds(
    Details,
    title=TITLES,
    category=st.sampled_from(CATEGORIES),
    gtin=st.sampled_from(["", "4006381333931", "036000291452", "1"]),
    attributes=st.lists(
        st.tuples(st.sampled_from(["colour", "storage", "size", "mpn", "pack size", "height"]), TITLES), max_size=3
    ).map(tuple),
)


@given(DETAILS, DETAILS)
def test_both_sides_give_the_same_kinds(own, other):
    forth, back = (vetoes_of(*pair, list(VetoKind)) for pair in ((own, other), (other, own)))
    assert [veto.kind for veto in forth] == [veto.kind for veto in back]


@given(DETAILS)
def test_nothing_contradicts_itself(details):
    assert vetoes_of(details, details, list(VetoKind)) == ()


@given(DETAILS, DETAILS)
def test_saying_more_contradicts_nothing(own, other):
    more = Details(own.title, own.brand, own.category, own.gtin, own.attributes + other.attributes)
    assert {veto.kind for veto in vetoes_of(own, more, list(VetoKind))} == set()


@given(DETAILS, DETAILS, st.sets(st.sampled_from(VetoKind)))
def test_only_the_kinds_asked_for_are_looked_at(own, other, kinds):
    every = vetoes_of(own, other, list(VetoKind))
    assert vetoes_of(own, other, kinds) == tuple(veto for veto in every if veto.kind in kinds)


@given(st.permutations(["red", "64GB,", "6-pack,", "WH-1000XM3", "55 inch,", "size M,"]))
def test_the_order_of_words_does_not_matter(words):
    ordered = Details(title=" ".join(sorted(words)), category="clothing")
    assert facts_of(Details(title=" ".join(words), category="clothing")).sets == facts_of(ordered).sets


@given(DETAILS)
def test_reasons_say_what_the_sets_hold(details):
    sets = facts_of(details).sets
    assert set(sets) == set(VetoKind)
    assert all(value for values in sets.values() for value in values)


def test_several_contradictions_are_told_in_the_order_of_kinds(reasons):
    found = reasons("cola 6-pack 330 ml", "cola 12 pack 500ml")
    assert found == ["330 ml against 500 ml", "6-pack against 12-pack"]


HOSTILE = {
    "digits": "9" * 10**5,
    "numbers": " ".join(str(number) for number in range(10**4)),
    "amounts": " ".join(f"{number} ml" for number in range(10**3)),
    "crosses": "2x" * 10**4,
    "hyphens": "a-1" * 10**4,
    "separators": "1," * 10**4,
    "chinese": "5个" * 10**4,
    "ligatures": "\ufdfa" * 10**4,
    "accents": "a" + "\u0301" * 10**4,
    "surrogates": "\ud800\x00" * 10**4,
    "bounds": "up to " * 10**3,
    "prefixes": "dunkel" * 10**3,
    "noise": "".join(chr(random.Random(place).randrange(32, 0xD7FF)) for place in range(10**4)),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_words_take_bounded_time(text):
    facts_of(Details(title="1 l size M red X1234"))
    attributes = tuple((f"attribute {number}", text) for number in range(100))
    details = Details(title=text, brand=text, category=text[:1_000], gtin=text, attributes=attributes)
    begin = time.process_time()
    vetoes_of(details, Details(title=text[::-1], attributes=attributes), list(VetoKind))
    assert time.process_time() - begin < 0.5


def test_the_public_names_are_these():
    assert package.__all__ == ["Facts", "Veto", "VetoKind", "facts_of", "normalised_gtin", "vetoes_of"]
