"""The page's numbers for Prometheus: what it knows, what it is asked, and what they cost."""

from pathlib import Path

import pytest
from fakes.clock import Clock
from fakes.web import Shop, listing
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families

from streams.events.matches import Match
from streams.web.metrics.known import Knowledge


def numbers(shop: Shop) -> dict[tuple[str, ...], float]:
    """By the name without what all begin with, and the labels in the order of their names."""
    families = text_string_to_metric_families(shop.client().get("/metrics").text)
    return {
        (one.name.removeprefix("matchstream_"), *(one.labels[name] for name in sorted(one.labels))): one.value
        for family in families
        for one in family.samples
    }


@pytest.fixture
def judged(shop: Shop) -> Shop:
    """Two products; of the model's three matches one is judged right and one wrong."""
    lamps = [listing(name) for name in ("a1", "b1", "c1", "d1")]
    shop.lists(*lamps, listing("e1"))
    shop.tells_product(*lamps)
    shop.tells_product(listing("e1"))
    evidence = {"rule": "combined>=0.90"}
    for other in ("b1", "c1", "d1"):
        shop.tells_matches(other, Match("a1", 0.95, evidence))
    shop.tells_matches("a1", *[Match(other, 0.95, evidence) for other in ("b1", "c1", "d1")])
    shop.tells_matches("e1")
    client = shop.client(may_write=True)
    for other, verdict in (("b1", "same"), ("c1", "different"), ("e1", "different")):
        said = {"one": "a1", "other": other, "verdict": verdict}
        assert client.post("/votes", json=said).is_success
    return shop


def test_how_much_there_is_and_how_review_goes(judged: Shop) -> None:
    found = numbers(judged)
    assert (found["listings",], found["products",], found["offers",]) == (5, 2, 5)
    assert (found["matches",], found["votes",]) == (3, 3)
    assert [found["judgements", verdict] for verdict in ("same", "different", "unsure")] == [1, 2, 0]
    assert [found["matches_judged", verdict] for verdict in ("same", "different")] == [1, 1]
    assert found["precision_target",] == 0.99
    figures = judged.client().get("/figures").json()["everything"]
    assert found["review_queue",] == figures["waiting"]
    assert found["precision_at_least",] == pytest.approx(figures["precision"]["at_least"])
    before = figures["precision"]["before"]
    assert found["precision_pairs",] == (before["total"] if before else 0)
    assert found["precision_at_most",] == (before["high"] if before else 1)
    assert found.get(("precision", "model")) == (before and before["share"])


def test_an_empty_page_has_all_of_it_at_zero(shop: Shop) -> None:
    found = numbers(shop)
    names = ("listings", "products", "offers", "matches", "review_queue", "votes", "precision_pairs", "page_watchers")
    assert [found[name,] for name in names] == [0] * len(names)
    assert (found["page_connected",], found["page_caught_up",]) == (1, 1)


def test_how_far_the_topics_are_read(tmp_path: Path) -> None:
    shop = Shop(tmp_path, connected=False, caught_up=False)
    assert numbers(shop)["page_connected",] == numbers(shop)["page_caught_up",] == 0


def test_requests_count_by_the_form_of_their_path_whatever_is_asked(shop: Shop) -> None:
    client = shop.client()
    for path in ("/products/a", "/products/b", "/nowhere/x", "/nowhere/y", "/static/style.css"):
        client.get(path)
    client.request("BREW", "/products/a")
    client.get("/", headers={"Host": "evil.example"})
    found = {key[1:]: value for key, value in numbers(shop).items() if key[0] == "http_requests_total"}
    assert found["GET", "/products/{product_id:id}", "404"] == 2
    assert found["GET", "other", "404"] == 2
    assert found["GET", "/static/{name}", "200"] == 1
    assert found["other", "/products/{product_id:id}", "405"] == 1
    assert found["GET", "other", "400"] == 1
    assert numbers(shop)["http_request_seconds_count", "/products/{product_id:id}"] == 3


def test_a_handler_that_fails_counts_as_what_it_is(shop: Shop) -> None:
    with shop.store.writing() as connection:
        connection.execute("drop table browsed")
    assert shop.client().get("/products").status_code == 500
    assert numbers(shop)["http_requests_total", "GET", "/products", "500"] == 1


async def test_live_pages_are_counted_while_they_are_open(shop: Shop) -> None:
    with shop.feed.watching():
        assert numbers(shop)["page_watchers",] == 1


def test_what_is_counted_in_the_file_is_kept_for_a_while(shop: Shop) -> None:
    clock, registry = Clock(), CollectorRegistry()
    registry.register(Knowledge(shop.services, clock))
    assert registry.get_sample_value("matchstream_products") == 0
    shop.tells_product(listing("a1"))
    clock.pass_s(14)
    assert registry.get_sample_value("matchstream_products") == 0
    clock.pass_s(1)
    assert registry.get_sample_value("matchstream_products") == 1


def test_prometheus_is_let_in_however_often_and_only_by_a_name_of_the_page(tmp_path: Path) -> None:
    client = Shop(tmp_path, {"web_rate_per_minute": 4, "web_allowed_hosts": "web"}).client()
    answers = [client.get("/metrics", headers={"Host": "web:8000"}) for _ in range(10)]
    assert {one.status_code for one in answers} == {200}
    assert answers[0].headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert client.get("/metrics", headers={"Host": "elsewhere"}).status_code == 400


def test_nothing_of_a_listing_or_a_person_is_told(judged: Shop) -> None:
    told = judged.client().get("/metrics").text
    for secret in ("a1", "ann", "Title of", "seller-", str(judged.folder)):
        assert secret not in told.replace("/products/{product_id:id}", "")
