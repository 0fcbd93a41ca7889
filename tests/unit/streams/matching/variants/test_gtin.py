import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.details import Details
from streams.matching.variants import normalised_gtin


@pytest.mark.parametrize(
    ("text", "gtin"),
    [
        ("4006381333931", "04006381333931"),
        ("4 006381 333931", "04006381333931"),
        ("4006381-333931", "04006381333931"),
        ("４００６３８１３３３９３１", "04006381333931"),  # noqa: RUF001 (full-width digits are the test)
        ("036000291452", "00036000291452"),
        ("0036000291452", "00036000291452"),
        ("96385074", "00000096385074"),
        ("10614141000415", "10614141000415"),
    ],
)
def test_valid_gtins_of_every_length_are_brought_to_fourteen_digits(text, gtin):
    assert normalised_gtin(text) == gtin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4006381333932",
        "400638133393",
        "12345",
        "2000000000008",
        "0200000000002",
        "0412345678903",
        "20000004",
        "00000000000000",
        "9780306406157 9780306406157",
        "4006381333931x",
        "9" * 10_000,
    ],
)
def test_what_identifies_nothing_is_none(text):
    assert normalised_gtin(text) is None


@given(st.integers(3 * 10**11, 9 * 10**11), st.integers(0, 12), st.integers(1, 9))
def test_any_wrong_digit_makes_a_gtin_invalid(body, place, change):
    valid = [f"{body}{check}" for check in range(10) if normalised_gtin(f"{body}{check}")]
    assert len(valid) == 1
    wrong = valid[0][:place] + str((int(valid[0][place]) + change) % 10) + valid[0][place + 1 :]
    assert normalised_gtin(wrong) is None


def test_gtins_that_differ_are_a_veto_and_an_invalid_one_is_no_fact(reasons):
    own, other = Details(gtin="4006381333931"), Details(gtin="036000291452")
    assert reasons(own, other) == ["GTIN differs: 04006381333931 against 00036000291452"]
    assert reasons(own, Details(gtin="036000291453")) == []


def test_a_upc_and_the_ean_with_a_leading_zero_are_one(reasons):
    assert reasons(Details(gtin="036000291452"), Details(attributes=(("EAN", "0036000291452"),))) == []
