"""From votes to judgements, and how they are taken back."""

import asyncio

import pytest
from fakes.web import TOKEN, Shop, listing
from fastapi.testclient import TestClient

from streams.events import Judgement, Verdict
from streams.events.votes import Vote
from streams.web.review.voting import Opinions, Ruling, Voting, following, ruling
from streams.web.store import Kind

SAME, DIFFERENT, UNSURE = Verdict.SAME, Verdict.DIFFERENT, Verdict.UNSURE
PAIR = {"one": "a", "other": "b"}


def votes(*said: Verdict) -> list[Vote]:
    """Of ann, bob, cid and so on, one after another."""
    names = ("ann", "bob", "cid", "dan")
    return [Vote(("a", "b"), names[place], verdict, f"2026-01-0{place + 1}") for place, verdict in enumerate(said)]


@pytest.mark.parametrize(
    ("said", "wanted", "expected"),
    [
        ([SAME], 1, Ruling(SAME, "ann")),
        ([SAME, DIFFERENT], 1, Ruling(DIFFERENT, "bob")),  # the last one counts where one is enough
        ([SAME], 3, None),
        ([SAME, UNSURE], 3, None),
        ([SAME, UNSURE, SAME], 3, Ruling(SAME, "ann, cid")),
        ([SAME, UNSURE, DIFFERENT], 3, Ruling(UNSURE, "bob")),
        ([SAME, SAME], 3, Ruling(SAME, "ann, bob")),
        ([SAME, SAME, DIFFERENT, DIFFERENT], 3, Ruling(DIFFERENT, "cid, dan")),
        ([SAME, SAME, DIFFERENT, DIFFERENT], 5, None),
        ([], 3, None),
    ],
)
def test_what_votes_come_to(said: list[Verdict], wanted: int, expected: Ruling | None) -> None:
    assert ruling(votes(*said), wanted) == expected
    assert ruling(votes(*said)[::-1], wanted) == expected


def test_a_judgement_given_without_votes_is_replaced_by_a_decision_only() -> None:
    given = Judgement(("a", "b"), SAME, "root", "2025-01-01")
    nothing, one, two = votes(), votes(DIFFERENT), votes(DIFFERENT, DIFFERENT)
    assert following(Opinions(tuple(nothing), given), one, 3) is None
    assert following(Opinions(tuple(one), given), nothing, 3) is None
    decision = following(Opinions(tuple(one), given), two, 3)
    assert decision is not None
    assert (decision.verdict, decision.by) == (DIFFERENT, "ann, bob")
    back = following(Opinions(tuple(two), decision), one, 3)
    assert back == Judgement(("a", "b"), None)


@pytest.fixture
def asked(shop: Shop) -> Shop:
    shop.lists(listing("a"), listing("b"))
    return shop


def judged(shop: Shop) -> list[tuple[Verdict | None, str]]:
    """What was published as judgements, in order."""
    records = [one for one in shop.said if one.topic == Kind.JUDGEMENTS.topic(shop.topics)]
    found = [Judgement.from_bytes(one.key, one.value) for one in records]
    return [(one.verdict, one.by) for one in found]


def person(shop: Shop, name: str) -> TestClient:
    client = shop.client(may_write=True)
    client.headers["X-Reviewer"] = name
    return client


def test_a_vote_is_kept_and_judges(asked: Shop) -> None:
    answer = person(asked, "ann").post("/votes", json={"one": "b", "other": "a", "verdict": "same"})
    assert answer.status_code == 200
    vote = Vote.from_bytes(asked.said[0].key, asked.said[0].value)
    assert (vote.listing_ids, vote.by, vote.verdict) == (("a", "b"), "ann", SAME)
    assert judged(asked) == [(SAME, "ann")]
    told = asked.client().get("/judgements", params=PAIR).json()
    assert told == answer.json()
    assert (told["verdict"], told["by"], [one["by"] for one in told["votes"]]) == ("same", "ann", ["ann"])
    person(asked, "ann").post("/votes", json={**PAIR, "verdict": "same"})
    assert judged(asked) == [(SAME, "ann")]  # nothing new


def test_three_people_and_their_majority(tmp_path) -> None:
    shop = Shop(tmp_path, {"review_votes": "3"})
    shop.lists(listing("a"), listing("b"))
    for name, verdict in (("ann", "same"), ("bob", "different"), ("cid", "different")):
        assert judged(shop) == []
        person(shop, name).post("/votes", json={**PAIR, "verdict": verdict})
    assert judged(shop) == [(DIFFERENT, "bob, cid")]
    person(shop, "bob").post("/votes/undo")
    assert judged(shop)[1:] == [(None, "")]
    person(shop, "bob").post("/votes", json={**PAIR, "verdict": "same"})
    assert judged(shop)[2:] == [(SAME, "ann, bob")]


def test_undo_goes_back_vote_by_vote(asked: Shop) -> None:
    asked.lists(listing("c"))
    ann = person(asked, "ann")
    for other in ("b", "c"):
        ann.post("/votes", json={"one": "a", "other": other, "verdict": "same"})
    person(asked, "bob").post("/votes", json={"one": "b", "other": "c", "verdict": "same"})
    assert [ann.post("/votes/undo").json()["other"] for _ in range(2)] == ["c", "b"]
    assert ann.post("/votes/undo").status_code == 404
    assert judged(asked)[3:] == [(None, ""), (None, "")]
    assert [row["one"] for row in asked.store.reading.execute("select one from judgements")] == ["b"]


def test_a_certain_vote_is_taken_back(asked: Shop) -> None:
    ann, bob = person(asked, "ann"), person(asked, "bob")
    ann.post("/votes", json={**PAIR, "verdict": "same"})
    assert bob.delete("/votes", params=PAIR).status_code == 404
    assert ann.delete("/votes", params=PAIR).json()["verdict"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"one": "a", "other": "nobody", "verdict": "same"}, 404),
        ({"one": "a", "other": "a", "verdict": "same"}, 422),
        ({"one": "a", "other": "b", "verdict": "perhaps"}, 422),
        ({"one": "a", "other": "b" * 300, "verdict": "same"}, 422),
        ({"one": "a", "other": "\x00' or 1=1 --", "verdict": "same"}, 404),
    ],
)
def test_what_is_no_vote_is_refused_and_nothing_published(asked: Shop, body: dict[str, str], status: int) -> None:
    answer = person(asked, "ann").post("/votes", json=body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert asked.said == []


def test_who_lacks_the_token_or_the_word_may_only_look(asked: Shop) -> None:
    client = asked.client()
    body = {**PAIR, "verdict": "same"}
    assert client.get("/review/next").status_code == 200
    assert client.post("/votes", json=body).status_code == 401
    client.post("/enter", data={"token": TOKEN, "name": "ann"})
    for answer in (
        client.post("/votes", json=body),
        client.post("/review/vote", data=body),
        client.delete("/votes", params=PAIR),
        client.post("/votes/undo"),
        client.post("/review/undo"),
    ):
        assert answer.status_code == 403
    assert asked.said == []


async def test_votes_at_one_moment_are_all_counted(tmp_path) -> None:
    shop = Shop(tmp_path, {"review_votes": "3"})
    shop.lists(listing("a"), listing("b"))
    voting = Voting(shop.services)
    await asyncio.gather(*(voting.cast(("a", "b"), name, SAME) for name in ("ann", "bob", "cid")))
    assert judged(shop) == [(SAME, "ann, bob"), (SAME, "ann, bob, cid")]


def test_the_forms_work_without_scripts(asked: Shop) -> None:
    ann = person(asked, "ann")
    form = {"queue": "audit", "category": "A & B"}
    answer = ann.post("/review/vote", data={**PAIR, **form, "verdict": "same"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/review?queue=audit&category=A+%26+B")
    answer = ann.post("/review/undo", data=form, follow_redirects=False)
    assert answer.headers["Location"] == "/review?queue=audit&category=A+%26+B&one=a&other=b"
    assert judged(asked) == [(SAME, "ann"), (None, "")]
