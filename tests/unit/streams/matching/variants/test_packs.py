import pytest


@pytest.mark.parametrize(
    ("title", "packs"),
    [
        ("cola 6-pack", {6}),
        ("cola 6 pack", {6}),
        ("pack of 12", {12}),
        ("cola 6 x 330 ml", {6}),
        ("cola 6×330ml", {6}),  # noqa: RUF001 (the sign is the test)
        ("cola 330ml x 6", {6}),
        ("Batterien 12 Stück", {12}),
        ("3er Set Handtücher", {3}),
        ("3er-Pack", {3}),
        ("Doppelpack Zahnpasta", {2}),
        ("2 Dosen Thunfisch", {2}),
        ("lot de 4 serviettes", {4}),
        ("paquete de 6", {6}),
        ("masker isi 10", {10}),
        ("mur 10 pcs", {10}),
        ("肥皂 5个装", {5}),
        ("twin pack razor", {2}),
        ("2x HDMI cable", {2}),
        ("6 x 12 pcs", {6, 12, 72}),
        ("puzzle 1,000 pieces", {1000}),
        ("10x zoom camera", set()),
        ("bmw x6", set()),
        ("1st edition", set()),
        ("pack of 500 g", set()),
        ("pack of " + "9" * 500, set()),
    ],
)
def test_packs_are_read_in_every_language(states, title, packs):
    assert states("pack", title) == {f"{count}-pack" for count in packs}


def test_a_pack_of_amounts_states_what_is_in_each(states):
    assert states("amount", "cola 6 x 330 ml") == {"330 ml"}


def test_packs_that_differ_are_a_veto(reasons):
    assert reasons("cola 6-pack", "cola pack of 12") == ["6-pack against 12-pack"]


def test_a_pack_that_only_one_side_states_is_none(reasons):
    assert reasons("cola 330 ml", "cola 6 x 330 ml") == []


def test_an_attribute_states_a_pack_by_a_bare_number(states):
    assert states("pack", "cola", attributes={"Pack-Size": "6"}) == {"6-pack"}
