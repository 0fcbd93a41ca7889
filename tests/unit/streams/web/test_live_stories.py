"""From events to stories: each change once, with the reason in words."""

from collections.abc import Iterable
from datetime import UTC, datetime

import orjson
import pytest
from fakes.web import Shop, listing

from streams.events import Judgement, Match, MatchEvent, Verdict
from streams.events.offers import Offer, in_order
from streams.events.products import ProductEvent
from streams.web.live.causes import cause_of
from streams.web.live.reading import Told
from streams.web.live.stories import Story, StoryKind
from streams.web.live.telling import KnownList, joined, of_judgement, of_list, of_prices, of_product
from streams.web.live.words import line_of
from streams.web.store import Kind

SURE = {"probability": 0.9914, "text": 0.94, "image": 1.0, "rule": "probability>=0.90"}


def told(owner: str, *matches: str, **more: object) -> MatchEvent:
    lists = {name: tuple(Match(one, 0.9, SURE) for one in more.pop(name, ())) for name in ("review",)}
    return MatchEvent(owner, more.pop("revision", 2), "g1", more.pop("cause", ""), _matches(matches), **lists, **more)


def _matches(ids: Iterable[str]) -> tuple[Match, ...]:
    return tuple(Match(one, 0.9, SURE) for one in ids)


def pairs(stories: Iterable[Story]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(story.kind.value, story.about, story.others) for story in stories]


def words(story: Story, judges: dict[str, str] | None = None) -> str:
    return " ".join(line_of(Told(1, story), {}, judges or {}).sentences)


def test_a_pair_is_told_by_the_listing_with_the_smaller_id() -> None:
    one, other = told("a", "b", revision=1), told("b", "a", revision=1)
    assert pairs([*of_list(one, None, 0), *of_list(other, None, 0)]) == [("found", "a", ("b",))]


def test_what_came_is_seen_by_what_was_told_before_not_by_what_the_event_calls_new() -> None:
    known = KnownList(frozenset({"b"}), frozenset({"c"}))
    assert pairs(of_list(told("a", "b", "d", review=["c", "e"]), known, 0)) == [
        ("found", "a", ("d",)),
        ("review", "a", ("e",)),
    ]
    assert pairs(of_list(told("a", "b", "d", added=("d",), removed=("f",)), None, 0)) == [
        ("found", "a", ("d",)),
        ("lost", "a", ("f",)),
    ]


def test_a_match_that_people_should_look_at_again_is_not_lost() -> None:
    known = KnownList(frozenset({"b"}))
    assert pairs(of_list(told("a", review=["b"]), known, 0)) == [("review", "a", ("b",))]
    assert pairs(of_list(told("a"), known, 0)) == [("lost", "a", ("b",))]


def test_a_withdrawal_is_one_story_whomever_it_matched() -> None:
    gone = MatchEvent("b", 3, "g1", "", None)
    [story] = of_list(gone, KnownList(frozenset({"a", "c"})), 0)
    assert (story.kind, words(story)) == (
        StoryKind.WITHDRAWN,
        "The seller took the listing back; it matched 2 listings.",
    )
    assert not list(of_list(told("a", cause="listing b withdrawn"), KnownList(frozenset({"b"})), 0))


def test_a_judgement_is_one_story_and_what_it_does_to_its_own_pair_none() -> None:
    parted = told("a", cause="judged different as listing 'b'")
    assert pairs(of_list(parted, KnownList(frozenset({"b", "c"})), 0)) == [("lost", "a", ("c",))]
    story = of_judgement(Judgement.on("b", "a", Verdict.DIFFERENT, by="ann"), 0)
    assert words(story) == "ann: these are different products."


def test_what_one_listing_brought_about_is_one_story() -> None:
    cause = "listing z published"
    some = [story for owner in ("a", "b") for story in of_list(told(owner, "z", revision=1, cause=cause), None, 0)]
    other = Story(StoryKind.DROP, "z", (), 0, cause)
    assert pairs(joined([*some, other, other])) == [("found", "z", ("a", "b")), ("drop", "z", ()), ("drop", "z", ())]


def test_products_are_told_when_more_than_single_listings_move() -> None:
    grown = ProductEvent("a", 2, "g1", "listing c published", ("a", "b", "c"), merged_from=("c",))
    assert not list(of_product(grown, ("a", "b"), 0))
    merged = ProductEvent("a", 2, "g1", "judged same as listing 'c'", ("a", "b", "c", "d"), merged_from=("c",))
    [story] = of_product(merged, ("a", "b"), 0)
    assert words(story, {"c": "ann"}) == "Two products are one now: 4 listings, 2 before. By a judgement of ann: same."


def test_a_product_that_a_judgement_splits_is_told_also_when_one_listing_leaves() -> None:
    parts = ProductEvent("a", 3, "g1", "judged different as listing 'b'", ("a", "c"), split_into=("b",))
    [story] = of_product(parts, ("a", "b", "c"), 0)
    expected = "A product of 3 listings came apart: 2 stay together, 1 left. By a judgement of ann: different."
    assert (story.others, words(story, {"b": "ann"})) == (("b",), expected)
    by_itself = ProductEvent("a", 3, "g1", "listing b published", ("a", "c"), split_into=("b",))
    assert not list(of_product(by_itself, ("a", "b", "c"), 0))


@pytest.mark.parametrize(("now", "kind"), [("8.5", StoryKind.DROP), ("12", StoryKind.RISE)])
def test_prices_are_compared_as_numbers_and_in_one_currency(now: str, kind: StoryKind) -> None:
    offers = in_order([Offer("a", price=now, currency="EUR"), Offer("b", price="11.00", currency="USD")])
    event = ProductEvent("a", 2, "g1", "", ("a", "b"), offers)
    before = {"a": ("10.00", "EUR"), "b": ("9.00", "EUR")}
    [story] = of_prices(event, before, {"EUR": "10.00"}, 0)
    assert story.kind is kind
    assert words(story) == f"10.00 → {now} EUR. Best offer now {now} EUR, 10.00 before."
    same = {"a": (f"{now}.00" if "." not in now else f"{now}0", "EUR")}
    assert not list(of_prices(event, same, {}, 0))
    assert not list(of_prices(event, {"a": ("cheap", "EUR")}, {}, 0))  # somebody else wrote into the topic


def test_reasons_are_in_words() -> None:
    [story] = of_list(told("a", "b", revision=1), None, 0)
    assert words(story) == "99.1 % likely the same (90 % is enough): photos 1.00, titles 0.94."
    weak = MatchEvent("a", 1, "g1", "", (Match("b", 0.9, {"text": 0.9, "rule": "combined>=0.85"}, strong=False),))
    assert words(*of_list(weak, None, 0)).startswith("Similarity 0.90 (0.85 is enough): titles 0.90. Weak: ")


@pytest.mark.parametrize("listing_id", ["a", "it's", "two\nlines", "listing x published"])
def test_causes_are_read_whatever_an_id_holds(listing_id: str) -> None:
    assert cause_of(f"listing {listing_id} withdrawn").listing_id == listing_id
    assert cause_of(f"judged same as listing '{listing_id}'").listing_id == listing_id
    assert cause_of("the sweep").listing_id is None


def test_stories_are_kept_over_a_restart_and_pruned_by_age_and_number(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr("streams.web.live.projection.KEPT", 3)
    for minute in range(5):
        at = f"2026-01-01T00:{minute:02}:00Z"
        shop.tells_matches(f"a{minute}", Match("z", 0.9, SURE), revision=1, occurred_at=at)
    rows = shop.store.reading.execute("select about from stories order by id").fetchall()
    assert [row[0] for row in rows] == ["a2", "a3", "a4"]
    shop.tells_matches("b", Match("z", 0.9, SURE), revision=1, occurred_at="2026-01-02T00:00:00Z")
    again = Shop(shop.folder)
    assert [row[0] for row in again.store.reading.execute("select about from stories")] == ["b"]
    assert again.store.reading.execute("select count(*) from story_listings").fetchone()[0] == 2


def test_a_batch_in_which_one_listing_finds_many_is_one_story(shop: Shop) -> None:
    events = [told(owner, "z", revision=1, cause="listing z published") for owner in "abc"]
    shop.hears(Kind.MATCHES, *(shop.record(Kind.MATCHES, one.listing_id, one.to_bytes()) for one in events))
    [row] = shop.store.reading.execute("select about, others from stories").fetchall()
    assert (row["about"], orjson.loads(row["others"])) == ("z", ["a", "b", "c"])


def test_older_news_of_another_partition_is_no_new_price(shop: Shop) -> None:
    def priced(hour: int, first: str, price: str) -> None:
        offers = (listing(first), listing("z", price=price))
        shop.tells_product(*offers, at=f"2026-01-01T{hour:02}:00:00Z", revision=hour)

    priced(2, "b", "9.00")
    priced(1, "a", "10.00")
    priced(3, "b", "8.00")
    rows = shop.store.reading.execute("select facts from stories").fetchall()
    assert [(one["old"], one["new"]) for one in map(orjson.loads, (row["facts"] for row in rows))] == [("9.00", "8.00")]


def test_one_change_that_all_topics_tell_is_one_story(shop: Shop) -> None:
    a, b = listing("a"), listing("b")
    shop.lists(a, b)
    shop.tells_product(a)
    shop.tells_product(b)
    for owner, other in ("ab", "ba"):
        shop.tells_matches(owner, Match(other, 0.97, SURE), cause="listing b published", added=(other,))
    shop.tells_product(a, b, revision=2, merged_from=("b",))
    shop.hears(Kind.PRODUCTS, shop.record(Kind.PRODUCTS, "b", None))
    page = shop.client().get("/").text
    assert page.count("data-story=") == 1
    assert "Match found" in page
    assert datetime.fromtimestamp(1_767_225_600, UTC).isoformat()[:16] in page
