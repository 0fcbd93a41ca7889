import pytest

from streams.matching.details import Details


@pytest.mark.parametrize(
    ("title", "models"),
    [
        ("Sony WH-1000XM4", {"WH1000XM4"}),
        ("sony wh1000xm4™", {"WH1000XM4"}),
        ("gpu RTX3080", {"RTX3080"}),
        ("tv KD55XE9005 4K 1080p 55 inch", {"KD55XE9005"}),
        ("bosch sms69m12gb/sms69m12gb", {"SMS69M12GB"}),
        ("tv 55PUS6503/12", {"55PUS6503"}),
        ("ssd 500gb usb3 ddr4 802.11ac ip68 2019", set()),
        ("phone 64GB-black", set()),
        ("14 place, 2nd, 1920x1080", set()),
    ],
)
def test_models_are_words_of_letters_and_digits_that_mean_nothing_else(states, title, models):
    assert states("model", title) == models


def test_a_word_of_the_brand_is_no_model(states):
    assert states("model", "m2000x drill", brand="M2000X") == set()


def test_models_that_differ_are_a_veto_as_they_were_spelled(reasons):
    assert reasons("Sony WH-1000XM3", "sony wh-1000xm4") == ["model WH-1000XM3 against WH-1000XM4"]


@pytest.mark.parametrize(
    ("own", "other"),
    [
        ("sony wh-1000xm4", "sony wh 1000 xm4"),
        ("sony KD55XE9005", "sony KD55XE9005BU"),
        ("sony KD65XF9005BAEP", "sony 65XF9005BU"),
        ("sony KD65XF9005", "sony tv 65 inch"),
        ("samsung UE40NU7120 NU7100", "samsung NU7100"),
        ("panasonic nn st452wbpq", "panasonic NNST452WBPQ nn-452"),
        ("galaxy G930", "galaxy G935"),
    ],
)
def test_models_that_may_be_one_are_no_veto(reasons, own, other):
    assert reasons(own, other) == []


def test_an_attribute_states_a_model_but_digits_alone_tell_nothing_apart(states, reasons):
    assert states("model", "drill", attributes={"MPN": "GSB-13"}) == {"GSB13"}
    one, two = (Details(title="drill", attributes=(("mpn", number),)) for number in ("2699001", "144952X"))
    assert reasons(one, two) == []
