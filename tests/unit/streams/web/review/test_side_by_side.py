"""Two listings beside each other: what stands out, and what is said of why."""

from html.parser import HTMLParser

import pytest
from fakes.web import Shop, listing
from hypothesis import given
from hypothesis import strategies as st

from streams.events.matches import Match
from streams.web.review.differing import Mark, compared_rows, marked
from streams.web.review.reasons import reasons

HTML = {"Accept": "text/html"}
HOSTILE = [
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "x" * 5_000,
    "\u202eecalp \u0634\u0627\u062d\u0646 USB",
    "👩‍👩‍👧 lamp 💡\u0000",
]


def apart(text: str, other: str) -> list[str]:
    return [piece.text for piece in marked(text, other) if piece.mark]


def test_words_of_one_side_stand_out_and_numbers_more() -> None:
    assert apart("Red lamp, 64GB", "lamp 64 gb blue") == ["Red"]
    assert marked("Lamp 64 GB", "Lamp 128 GB")[1] == ("64", Mark.NUMBER)
    assert marked("Oil 5 l", "Oil 5000 ml")[1:] == [("5", Mark.NUMBER), (" ", Mark.NONE), ("l", Mark.NUMBER)]
    assert apart("Cable 1,50 m", "cable 1.5 M") == []
    assert apart("007 ten", "7") == ["ten"]
    assert apart("Größe \uff38\uff2c", "größe xl") == []
    assert apart("", "a") == apart("a", " ") == []


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_are_the_text_again(text: str, other: str) -> None:
    assert "".join(piece.text for piece in marked(text, other)) == text
    assert apart(text, text) == []


def test_rows_that_differ_come_first() -> None:
    one = {"Colour": "red", "Weight": 5, "size": "XL", "none": None, "extra": {"a": 1}}
    other = {"colour": "blue", "weight": "5", " Size ": "xl", "more": True}
    assert [(row.name, row.one, row.other, row.differs) for row in compared_rows(one, other)] == [
        ("Colour", "red", "blue", True),
        ("size", "XL", "xl", False),
        ("Weight", "5", "5", False),
        ("extra", '{"a":1}', None, False),
        ("more", None, "true", False),
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("0.80<=combined<0.90", "Similarity 0.85, between 0.80 and 0.90, so people decide."),
        ("probability>=0.62", "70 % likely the same (62 % is enough)."),
        ("image>=0.95", "Photos 0.97 alike, enough by itself from 0.95."),
        ("judged same", "People judged them the same."),
        ("", "Nothing is told of why."),
    ],
)
def test_rules_in_words(rule: str, expected: str) -> None:
    assert reasons(0.85, {"rule": rule, "probability": 0.7, "image": 0.97}).sentence == expected


class Read(HTMLParser):
    """Tags and text, as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not {name for name, _ in attrs if name.startswith("on") or name == "style"}

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_sellers_write_stays_text(shop: Shop) -> None:
    shop.lists(listing("b", description=HOSTILE[0], url="javascript:alert(1)"))
    harmless: list[str] = []
    for words in ("harmless", *HOSTILE):
        name = f"a{words[:50]}"
        shop.lists(listing(name, title=words, seller_id=words[:900], brand=words[:900], attributes={words: words}))
        shop.tells_matches(name, review=(Match("b", 0.85, {"rule": words, "text": 0.8}),))
        answer = shop.client(may_write=True).get("/review", params={"one": name, "other": "b"}, headers=HTML)
        assert answer.status_code == 200
        seen = Read(answer.text)
        tags = [tag for tag in seen.tags if tag not in {"mark", "option"}]
        harmless = harmless or tags
        assert tags == harmless
        assert words[:100].split("\u0000")[0] in seen.text
        assert "javascript:" not in answer.text


def test_blind_shows_nothing_that_the_model_says(tmp_path) -> None:
    texts = {}
    for blind in (True, False):
        shop = Shop(tmp_path / str(blind), {"review_blind": blind})
        one, other = listing("a", title="Lamp 64 GB"), listing("b", title="Lamp 32 GB")
        shop.lists(one, other)
        shop.tells_product(one, other)
        shop.tells_matches("a", review=(Match("b", 0.8123, {"text": 0.8377, "rule": "0.80<=combined<0.90"}),))
        texts[blind] = shop.client(may_write=True).get("/review", headers=HTML).text
    for opinion in ("0.81", "0.84", "0.80", "meter", "against", "threshold", "in a product of", "/compare?one"):
        assert opinion in texts[False]
        assert opinion not in texts[True]
    assert '<mark class="apart number">64</mark>' in texts[True]


def test_a_told_match_says_so_in_the_audit(shop: Shop) -> None:
    shop.lists(listing("a"), listing("b"))
    shop.tells_matches("a", Match("b", 0.95, {"text": 0.95, "rule": "combined>=0.90"}))
    text = shop.client().get("/review", params={"queue": "audit"}, headers=HTML).text
    assert "Told as a match. Similarity 0.95 (0.90 is enough)." in text
    assert "drawn by lot" in text
    assert 'href="/enter?then=/review%3Fqueue%3Daudit"' in text


def test_a_pair_by_name_and_one_that_is_not_known(shop: Shop) -> None:
    shop.lists(listing("a"), listing("b"))
    shop.client(may_write=True).post("/votes", json={"one": "a", "other": "b", "verdict": "unsure"})
    answer = shop.client(may_write=True).get("/review", params={"one": "b", "other": "a"}, headers=HTML)
    assert "You said: unsure. It stands as unsure, by ann" in answer.text
    assert shop.client().get("/review", params={"one": "a", "other": "x"}, headers=HTML).status_code == 404
    assert "No pair waits" in shop.client().get("/review", headers=HTML).text
