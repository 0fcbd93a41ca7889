"""Why two listings are the same product: what the index says, with every number that decided."""

from math import log

import pytest
from fakes.explaining import indexed
from fakes.web import Shop, listing

from streams.events import Judgement, Verdict
from streams.stages.explaining import decided
from streams.web.explaining.asking import Rulebook
from streams.web.explaining.numbers import BAR, numbers_of
from streams.web.wording import percent, rule_in_words, similarities_in_words

PAIR = {"one": "a", "other": "b"}


def test_the_interface_tells_what_the_command_tells(shop: Shop) -> None:
    indexed(shop, listing("a", title="Phone 64 GB"), listing("b", title="Phone 128 GB"))
    said = shop.client().get("/explanations", params=PAIR).json()
    assert (said["outcome"], said["reason"]) == ("no", "vetoed: 64 GB against 128 GB")
    assert said["vetoes"] == [{"kind": "storage", "reason": "64 GB against 128 GB"}]
    assert said["raw"]["text"] < said["blended"]["text"] < 1
    assert said["neighbors"][0] == [{"listing_id": "b", "weight": 0.8}]
    assert (said["judgement"], said["in_list"]) == (None, True)
    assert sum(said["contributions"].values()) == pytest.approx(_log_odds(said["score"]), abs=1e-4)


def _log_odds(probability: float) -> float:
    return log(probability / (1 - probability))


def test_the_page_says_why_and_who_judged(shop: Shop) -> None:
    one, other = listing("a", title="Phone <b>64</b> GB"), listing("b", title="Phone 64 GB", price="12.00")
    shop.lists(one, other)
    judgement = Judgement.on("a", "b", Verdict.DIFFERENT, by="ann <i>", at="2026-01-02T10:00:00Z")
    indexed(shop, one, other, judgement=judgement)
    page = shop.client().get("/compare", params=PAIR, headers={"Accept": "text/html"}).text
    assert "ann &lt;i&gt; judged them different, and a judgement stands above all numbers." in page
    assert "by ann &lt;i&gt; on 2026-01-02" in page
    assert "do not know it so yet" in page
    assert "<b>64" not in page
    assert "image similarity" in page
    assert 'href="/review?one=a&amp;other=b"' in page


def test_whatever_is_not_there_is_said(shop: Shop) -> None:
    ask = shop.client().get
    closed = ask("/explanations", params=PAIR)
    assert (closed.status_code, closed.headers["Content-Type"]) == (503, "application/problem+json")
    assert "no worker has it open" in closed.json()["detail"]
    indexed(shop, listing("a"), listing("c"))
    unknown = ask("/explanations", params=PAIR)
    assert unknown.status_code == 404
    assert "listing 'b': not in the index" in unknown.json()["detail"]
    assert ask("/explanations", params={"one": "a", "other": "a"}).status_code == 422
    assert ask("/explanations", params={"one": "a"}).status_code == 422
    assert ask("/explanations", params={"one": "a", "other": "b" * 300}).status_code == 422
    assert "not read their listings yet" in ask("/compare", params={"one": "a", "other": "c"}).text


@pytest.mark.parametrize("query", ["", "?one=a", "?one=a&other=a", "?one=%20&other=b"])
def test_without_two_listings_the_page_says_how_to_choose(shop: Shop, query: str) -> None:
    answer = shop.client().get(f"/compare{query}")
    assert answer.status_code == 200
    assert "Where to find two" in answer.text


def test_bars_go_to_the_side_that_a_comparison_speaks_for(shop: Shop) -> None:
    indexed(shop, listing("a"), listing("b"))
    assert shop.live is not None
    points = shop.live.reader._stored
    one, other = (points[name].point(name, ["raw", "blended"]) for name in "ab")
    numbers = numbers_of(decided(one, other, Rulebook().of(shop.live.bundle)))
    assert len(numbers.contributions) > 10
    for bar in numbers.contributions:
        assert (bar.start + bar.length == pytest.approx(BAR)) if bar.value < 0 else (bar.start == BAR)
        assert 0 <= bar.start <= bar.start + bar.length <= 2 * BAR
        assert bar.meaning
    assert "% likely the same, and a match takes" in numbers.because


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("probability>=0.9012", "99.1 % likely the same (90.12 % is enough)"),
        ("0.60<=probability<0.90", "99.1 % likely the same, between 60 % and 90 %, so people decide"),
        ("combined>=0.85", "similarity 0.88 (0.85 is enough)"),
        ("image>=0.95", "photos 0.97 alike, enough by itself from 0.95"),
        ("judged same", "people judged them the same"),
        ("something else", "something else"),
    ],
)
def test_rules_are_told_in_words(rule: str, words: str) -> None:
    evidence = {"probability": 0.9914, "image": 0.97, "text": 0.9, "rule": rule}
    assert rule_in_words(evidence, 0.88) == words
    assert similarities_in_words(evidence) == "photos 0.97, titles 0.90"


def test_what_is_nearly_certain_is_not_called_certain() -> None:
    assert [percent(share) for share in (0.0, 0.5, 0.999, 0.9999, 1.0)] == [
        "0 %",
        "50 %",
        "99.9 %",
        "over 99.9 %",
        "over 99.9 %",
    ]
