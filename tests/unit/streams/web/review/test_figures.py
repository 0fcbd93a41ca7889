"""The figures of a small shop, by hand, as the interface and the page tell them."""

import pytest
from fakes.judged_shop import judge_some, votes
from fakes.web import Shop

from streams.web.store import Kind


@pytest.fixture
def judged(shop: Shop) -> Shop:
    judge_some(shop)
    return shop


def test_precision_counts_what_was_drawn_by_lot(judged: Shop) -> None:
    found = judged.client().get("/figures").json()["everything"]["precision"]
    assert (found["matches"], found["told"]) == (6, 6)  # the wrong one is gone, a pair of mugs was judged same
    assert (found["before"]["right"], found["before"]["total"]) == (4, 5)
    # of six matches 1.2 are wrong, of which one is found
    assert found["after"]["share"] == pytest.approx(1 - 0.2 / 6)
    assert (found["target"], found["missing"]) == (0.99, None)
    easier = judged.client().get("/figures", params={"target": 0.5}).json()["everything"]["precision"]
    assert easier["missing"] > 0


def test_categories_stand_apart_whatever_their_case(judged: Shop) -> None:
    lamps, mugs = judged.client().get("/figures").json()["categories"]
    assert (lamps["category"], lamps["precision"]["told"], lamps["waiting"]) == ("lamps", 5, 0)
    assert (mugs["category"], mugs["precision"]["before"], mugs["waiting"]) == ("mugs", None, 2)
    assert mugs["judged"]["found"]["right"] == 0  # the model would only have asked about it


def test_people_and_the_model_beside_the_verdicts(judged: Shop) -> None:
    found = judged.client().get("/figures").json()
    ann, ben, eva = found["people"]
    assert (ann["name"], ann["same"], ann["different"]) == ("ann", 4, 1)  # one vote, four verdicts without one
    assert (ben["same"], eva["decided"]["right"], eva["decided"]["total"]) == (1, 0, 1)
    assert (found["between_people"]["pairs"], found["between_people"]["share"]["right"]) == (1, 0)
    # the model says same of five pairs judged, four times rightly, and asks about the sixth
    assert found["with_model"]["share"]["right"] == 4
    assert found["with_model"]["pairs"] == 6


def test_pairs_of_withdrawn_listings_say_nothing_of_the_model(judged: Shop) -> None:
    judged.hears(Kind.LISTINGS, judged.record(Kind.LISTINGS, "p", None, 1_767_225_700_000))
    judged.tells_matches("p")
    assert judged.client().get("/figures").json()["with_model"]["pairs"] == 5


def test_the_page_tells_them_in_words(judged: Shop) -> None:
    text = judged.client().get("/review/figures").text
    assert "80.0 %" in text
    assert "not at this rate" in text
    assert "lamps" in text


def test_the_page_of_a_shop_that_nobody_judged_says_what_to_do(shop: Shop) -> None:
    answer = shop.client().get("/review/figures", params={"target": 0.95})
    assert answer.status_code == 200
    assert "Nobody has audited matches yet" in answer.text
    assert "Nobody has said anything yet" in answer.text
    assert "<b>59</b>" in answer.text  # right ones in a row show 95%: 0.95 ** 59 < 0.05


def test_names_are_text(judged: Shop) -> None:
    votes(judged, "r", "s", "same", "<script>alert(1)</script>")
    assert "<script>alert" not in judged.client().get("/review/figures").text


@pytest.mark.parametrize("target", ["0", "1", "nan", "much"])
def test_a_target_that_is_no_share_is_a_problem(shop: Shop, target: str) -> None:
    answer = shop.client().get("/figures", params={"target": target})
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
