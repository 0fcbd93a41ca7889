import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.details import Details
from streams.matching.variants import VetoKind, facts_of, vetoes_of
from streams.matching.variants.measures import number_of


@pytest.mark.parametrize(
    ("title", "amount"),
    [
        ("shampoo 1000 ml", "1 l"),
        ("shampoo 1l", "1 l"),
        ("wine 75cl", "750 ml"),
        ("rice 0.5 kg", "500 g"),
        ("rice 500g", "500 g"),
        ("Wasser 1,5 l", "1.5 l"),
        ("water ½ l", "500 ml"),
        ("juice .5 l", "500 ml"),
        ("juice １．５ Ｌ", "1.5 l"),  # noqa: RUF001 (full-width digits are the test)
        ("akku 1.500 mAh", "1500 mAh"),
        ("battery 1,500mAh", "1500 mAh"),
        ("battery 1.5 Ah", "1500 mAh"),
        ("Reis 1,500 kg", "1.5 kg"),
        ('tv 55"', "55 inch"),
        ("tv 55″", "55 inch"),
        ("tv 55-inch", "55 inch"),
        ("Fernseher 55 Zoll", "55 inch"),
        ("téléviseur 55 pouces", "55 inch"),
        ("televisor de 55 pulgadas", "55 inch"),
        ("电视 55英寸", "55 inch"),
        ("Waschmaschine 1400 U/min", "1400 rpm"),
        ("cable 2 mètres", "200 cm"),
        ("洗衣液500毫升装", "500 ml"),
        ("grass 5 m²", "5 m²"),
        ("drill 18V", "18 V"),
        ("camera 24,3 MP", "24.3 MP"),
        ("processor 3200 MHz", "3.2 GHz"),
        ("syrup 12 fl. oz.", "354.882 ml"),
        ("beras 5 kilogram", "5 kg"),
    ],
)
def test_amounts_are_normalised_in_every_language(states, title, amount):
    assert states("amount", title) == {amount}


@pytest.mark.parametrize(
    "title",
    [
        "router 300 Mb/s",
        "phone 4g",
        "tv 4K",
        "2 in 1",
        "up to 30 m",
        "bis zu 5 kg",
        "sony kd55g9005",
        "kfc-6993ps",
        "fridge freezer 1 22m",
        "0 kg",
        "take 2 a day",
        "pump 5 l/min",
    ],
)
def test_what_only_looks_like_an_amount_states_none(states, title):
    assert states("amount", title) == frozenset()


@pytest.mark.parametrize(
    ("own", "other", "reason"),
    [
        ("iphone 64gb", "iphone 128 GB", "64 GB against 128 GB"),
        ("ssd 1 TB", "ssd 2000 GB", "1 TB against 2 TB"),
        ("laptop 16GB 512GB", "laptop 8GB 512 GB", "16 GB against 8 GB"),
        ("laptop 16 GB RAM 512GB", "laptop 8 GB RAM 512 GB", "16 GB against 8 GB"),
        ("water 1 l", "water 500 ml", "1 l against 500 ml"),
        ("towel 30x40 cm", "towel 50 x 100 cm", "30 cm × 40 cm against 50 cm × 100 cm"),  # noqa: RUF001 (the sign)
        ("bulb 60W 2700k", "bulb 40W 4000K", "2700 K against 4000 K, 60 W against 40 W"),
    ],
)
def test_amounts_that_differ_are_a_veto_with_the_own_side_first(reasons, own, other, reason):
    assert reasons(own, other) == [reason]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("iphone 64GB", "iphone 64 GB 6GB RAM"),
        ("iphone 64GB", "iphone 4 GB RAM"),
        ("ssd 1TB", "ssd 1024 GB"),
        ("ram 2x8GB", "ram 16 GB"),
        ("water 1000 ml", "water 1 l"),
        ("tv 55 inch", "tv 140 cm"),
        ("dishwasher 60cm wide", "dishwasher 85cm high"),
        ("dishwasher 60 x 85 cm", "dishwasher 85x60x55 cm"),
        ("towel 30 x 40 cm", "towel 40cm x 30cm"),
        ("charger 220-240V", "charger 230 V"),
        ("freezer 60 l", "freezer 61 litre"),
        ("drill 18V", "drill 500W"),
        ("water", "water 1 l"),
        ("processor 3.2 GHz up to 4.1 GHz", "processor 3.2GHz"),
    ],
)
def test_amounts_that_may_be_of_one_thing_are_no_veto(reasons, own, other):
    assert reasons(own, other) == []


def test_an_attribute_whose_name_ends_with_a_unit_states_an_amount(states):
    assert states("amount", "", attributes={"capacity_ml": "500"}) == {"500 ml"}


def test_an_attribute_whose_name_says_which_side_is_compared_with_that_side_only(reasons):
    high = Details(title="shelf", attributes=(("height", "180 cm"), ("width", "80 cm")))
    low = Details(title="shelf", attributes=(("height", "120 cm"), ("width", "80 cm")))
    assert reasons(high, low) == ["180 cm against 120 cm"]
    assert reasons(high, Details(title="shelf", attributes=(("depth", "30 cm"),))) == []


@pytest.mark.parametrize(
    ("text", "large", "number"),
    [
        ("1.5", False, 1.5),
        ("1,5", False, 1.5),
        ("1.500", False, 1500),
        ("1.500", True, 1.5),
        ("0,330", False, 0.33),
        ("1,234.5", False, 1234.5),
        ("1.234.567", True, 1_234_567),
        ("1'500", False, 1500),
        ("9" * 400, False, 1e12),
    ],
)
def test_separators_are_read_as_decimals_or_thousands(text, large, number):
    assert number_of(text, large=large) == number


@given(st.integers(1, 999))
def test_the_same_amount_in_another_unit_is_no_veto_and_shown_alike(grams):
    own, other = (Details(title=f"rice {amount}") for amount in (f"{grams} g", f"{grams / 1000:.3f} kg"))
    assert facts_of(own).sets[VetoKind.AMOUNT] == facts_of(other).sets[VetoKind.AMOUNT]
    assert vetoes_of(own, other, list(VetoKind)) == ()
