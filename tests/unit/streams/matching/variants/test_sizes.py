import pytest

CLOTHES = "Damen > Kleidung"


@pytest.mark.parametrize(
    ("title", "sizes"),
    [
        ("shirt size M", {"M"}),
        ("shirt, Größe: XL", {"XL"}),
        ("shirt size 2XL", {"XXL"}),
        ("shirt size XXL", {"XXL"}),
        ("shirt size XXXL", {"3XL"}),
        ("kaos ukuran L", {"L"}),
        ("shoe EU 42", {"EU 42"}),
        ("shoe 42 EU", {"EU 42"}),
        ("shoe UK 8.5", {"UK 8.5"}),
        ("shoe EU 42 2/3", {"EU 42.67"}),
        ("Schuh Gr. 42", {"EU 42"}),
        ("chaussures de taille 38", {"EU 38"}),
        ("zapato talla 38", {"EU 38"}),
        ("sepatu ukuran 39", {"EU 39"}),
        ("鞋 尺码 40", {"EU 40"}),
        ("鞋 40码", {"EU 40"}),
        ("football size 4", {"4"}),
        ("full size 14 place dishwasher", set()),
        ("iphone xs", set()),
        ("UK 3 pin plug", set()),
        ("size 64 GB", set()),
    ],
)
def test_sizes_are_read_where_they_stand_as_sizes(states, title, sizes):
    assert states("size", title) == sizes


@pytest.mark.parametrize(
    ("title", "sizes"),
    [
        ("shirt, M", {"M"}),
        ("shirt (L)", {"L"}),
        ("shirt S/M", {"S", "M"}),
        ("men's shirt", set()),
        ("H&M shirt", set()),
    ],
)
def test_a_lone_letter_is_a_size_among_clothes_alone(states, title, sizes):
    assert states("size", title, category=CLOTHES) == sizes
    assert states("size", title, category="Books") == set()


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("shirt size M", "shirt size L", ["size M against L"]),
        ("shoe EU 42 UK 8", "shoe EU 43", ["size EU 42 against EU 43"]),
        ("shoe EU 42", "shoe UK 8", []),
        ("shoe EU 42", "shoe Gr. 42", []),
    ],
)
def test_sizes_are_compared_within_their_system(reasons, own, other, expected):
    assert reasons(own, other) == expected


def test_an_attribute_states_a_size(states):
    assert states("size", "shoe", attributes={"Schuhgröße": "42,5"}) == {"EU 42.5"}
    assert states("size", "shirt", attributes={"size": "Medium"}) == {"M"}
