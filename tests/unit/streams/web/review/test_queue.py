"""What waits for people, and in what order."""

import sqlite3
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

import orjson
import pytest
from fakes.web import Shop, listing

from streams.events import Judgement, Message, Verdict
from streams.events.matches import Match, MatchEvent
from streams.events.products import ProductEvent
from streams.events.votes import Vote
from streams.web.catalogue.projection import CATALOGUE
from streams.web.review.projection import REVIEW
from streams.web.review.queue import Pick, Queue, categories, next_pair, waiting_pairs
from streams.web.review.worth import closeness, informative, joined, lot
from streams.web.store import Kind

Record = tuple[Kind, str, bytes | None]

BAND = "0.80<=combined<0.90"


def doubtful(listing_id: str, similarity: float, rule: str = BAND) -> Match:
    return Match(listing_id, similarity, {"text": similarity, "rule": rule})


def says(shop: Shop, one: str, other: str, verdict: Verdict | None, by: str = "ann") -> None:
    vote = Vote.on(one, other, verdict, by=by, at="2026-01-01T00:00:00Z")
    shop.hears(Kind.VOTES, shop.record(Kind.VOTES, vote.key.decode(), vote.to_bytes()))


def judges(shop: Shop, one: str, other: str, verdict: Verdict | None) -> None:
    judgement = Judgement.on(one, other, verdict, by="root", at="2026-01-01T00:00:00Z")
    shop.hears(Kind.JUDGEMENTS, shop.record(Kind.JUDGEMENTS, judgement.key.decode(), judgement.to_bytes()))


def order(shop: Shop, pick: Pick) -> list[str]:
    """All pairs as they come, one after another."""
    found = []
    while (pair := next_pair(shop.store.reading, pick)) is not None:
        found.append(pair.one + pair.other)
        says(shop, pair.one, pair.other, Verdict.SAME, by=pick.person)
    return found


@pytest.fixture
def queue(shop: Shop) -> Shop:
    """Pairs ab (0.81), cd (0.89), ef (0.86); f is one of four listings of its product."""
    crowd = [listing(one) for one in ("f", "g", "h", "i")]
    shop.lists(*(listing(one) for one in "abcde"), *crowd)
    shop.tells_matches("a", review=(doubtful("b", 0.81),))
    shop.tells_matches("d", review=(doubtful("c", 0.89),))
    shop.tells_matches("e", review=(doubtful("f", 0.86),))
    return shop


def test_what_teaches_most_comes_first(queue: Shop) -> None:
    assert order(queue, Pick(person="ann")) == ["cd", "ef", "ab"]
    queue.tells_product(*(listing(one) for one in ("f", "g", "h", "i")))
    assert order(queue, Pick(person="bob")) == ["ef", "cd", "ab"]  # 0.6 * log2(6) is more than 0.9 * log2(3)
    assert next_pair(queue.store.reading, Pick(person="cid")).joined == 5  # type: ignore[union-attr]


def test_worth_by_hand() -> None:
    assert informative(0.5, 7) == 1.5
    assert informative(0.5, 0) == informative(0.5, 1) == 0.5
    assert closeness(doubtful("b", 0.85)) == pytest.approx(0.5)
    assert closeness(Match("b", 0.2, {"probability": 0.64, "rule": "0.6<=probability<0.68"})) == pytest.approx(0.5)
    assert closeness(doubtful("b", 0.85, rule="of another kind")) == 0.5
    sizes = {"a": ("p", 3), "b": ("p", 3), "c": ("q", 2)}
    assert [joined(sizes, *pair) for pair in ("ab", "ac", "ad", "de")] == [1, 5, 4, 2]


def test_what_is_judged_or_gone_does_not_wait(queue: Shop) -> None:
    judges(queue, "c", "d", Verdict.UNSURE)
    queue.hears(Kind.LISTINGS, queue.record(Kind.LISTINGS, "e", None, 1_767_225_600_001))
    assert order(queue, Pick(person="ann")) == ["ab"]
    judges(queue, "c", "d", None)
    assert order(queue, Pick(person="ann")) == ["cd"]
    queue.tells_matches("a", revision=2)
    assert order(queue, Pick(person="bob")) == ["cd"]


def test_a_pair_that_somebody_voted_on_comes_first_for_others(queue: Shop) -> None:
    says(queue, "a", "b", Verdict.SAME, by="ann")
    assert order(queue, Pick(person="bob"))[0] == "ab"
    says(queue, "e", "f", Verdict.SAME, by="cid")
    says(queue, "e", "f", Verdict.DIFFERENT, by="dan")
    assert [waiting_pairs(queue.store.reading, Pick(person=one)) for one in ("ann", "bob", "cid", "")] == [2, 0, 2, 3]
    assert order(queue, Pick(person="eve")) == ["ef", "ab", "cd"]  # with three, two and one votes


def test_by_category_also_where_a_listing_moves(queue: Shop) -> None:
    queue.lists(listing("c", category="Chairs"), at_ms=1_767_225_600_001)
    assert categories(queue.store.reading, Queue.UNDECIDED) == ["Chairs", "Lamps"]
    pick = Pick(person="ann", category="Chairs")
    assert waiting_pairs(queue.store.reading, pick) == 1
    assert order(queue, pick) == ["cd"]
    assert waiting_pairs(queue.store.reading, pick) == 0


def test_a_listing_that_comes_after_its_pair_brings_its_category(shop: Shop) -> None:
    shop.tells_matches("a", review=(doubtful("b", 0.85),))
    assert next_pair(shop.store.reading, Pick()) is None  # neither is there yet
    shop.lists(listing("a"), listing("b"))
    assert order(shop, Pick(person="ann", category="Lamps")) == ["ab"]


def test_the_audit_goes_by_lot_and_not_by_score(shop: Shop) -> None:
    names = [f"{number:02}" for number in range(40)]
    shop.lists(listing("a"), *(listing(name) for name in names))
    matches = [Match(name, 1 - float(name) / 100, {"rule": "combined>=0.50"}) for name in names]
    shop.tells_matches("a", *matches[:20], review=tuple(matches[20:]))
    wanted = sorted((name + "a" for name in names[:20]), key=lambda pair: lot(pair[:2], "a"))
    assert order(shop, Pick(Queue.AUDIT, "ann")) == wanted != sorted(wanted)


def test_both_sides_tell_a_pair_and_one_of_them_is_enough(shop: Shop) -> None:
    shop.lists(listing("a"), listing("b"))
    shop.tells_matches("a", review=(doubtful("b", 0.85),))
    shop.tells_matches("b", review=(doubtful("a", 0.85),))
    shop.tells_matches("a", revision=2)
    assert waiting_pairs(shop.store.reading, Pick()) == 1
    shop.hears(Kind.MATCHES, shop.record(Kind.MATCHES, "b", None))
    assert waiting_pairs(shop.store.reading, Pick()) == 0


def test_what_somebody_else_wrote_into_the_topics_is_left_out(shop: Shop) -> None:
    no_id = MatchEvent("a", 1, "g1", "test", ()).to_bytes() or b""
    strange = [no_id.replace(b'"a"', b'["a"]'), b"[]", b'"text"']
    for kind in (Kind.MATCHES, Kind.VOTES, Kind.JUDGEMENTS):
        shop.hears(kind, *(shop.record(kind, '["a","b","ann"]', value) for value in strange))
    assert waiting_pairs(shop.store.reading, Pick()) == 0


@pytest.mark.parametrize("seed", range(12))
def test_the_queue_is_what_the_last_records_say_in_whatever_order_they_are_read(seed: int) -> None:
    """What was kept step by step is what a page that begins later reads out of compacted topics."""
    random = Random(seed)
    log = [record for _ in range(60) for record in happening(random)]
    last = {(kind, key): (kind, key, value) for kind, key, value in log}
    kept, anew = queue_of(log), queue_of(random.sample(sorted(last.values(), key=repr), len(last)))
    assert kept == anew
    assert kept


def queue_of(log: Iterable[Record]) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.executescript(CATALOGUE.schema + REVIEW.schema)
    for offset, (kind, key, value) in enumerate(log):
        message = Message(kind, key.encode(), value, 0, offset, 1_767_225_600_000 + offset)
        for projection in (CATALOGUE, REVIEW):
            if kind in projection.applies:
                projection.applies[kind](connection, [message])
    return sorted(tuple(row) for row in connection.execute("select * from queue"))


def happening(random: Random) -> list[Record]:
    """One thing that happens: records of one topic."""
    one, other = sorted(random.sample("abcdef", 2))
    verdict, by = random.choice([*Verdict, None]), random.choice(["ann", "bob"])
    vote, judgement = Vote.on(one, other, verdict, by=by), Judgement.on(one, other, verdict)
    told = [doubtful(name, random.choice([0.82, 0.85])) for name in "abcdef" if name != one and random.random() < 0.6]
    middle = random.randrange(len(told) + 1)
    lists = (tuple(told[:middle]), (), (), "", tuple(told[middle:])) if random.random() < 0.9 else (None,)
    return random.choice(
        [
            [(Kind.VOTES, vote.key.decode(), vote.to_bytes())],
            [(Kind.JUDGEMENTS, judgement.key.decode(), judgement.to_bytes())],
            [(Kind.MATCHES, one, MatchEvent(one, 1, "g1", "test", *lists).to_bytes())],
            [(Kind.LISTINGS, one, orjson.dumps(listing(one, category=random.choice("XY"))))],
            list(regrouped(random)),
        ]
    )


def regrouped(random: Random) -> Iterator[Record]:
    """All listings in products anew, and nothing where there was one."""
    products: dict[str, list[str]] = {}
    heads: list[str] = []
    for name in "abcdef":
        head = random.choice([*heads, name])
        heads = [*heads, head] if head == name else heads
        products.setdefault(head, []).append(name)
    for name in "abcdef":
        members = tuple(products[name]) if name in products else None
        yield Kind.PRODUCTS, name, ProductEvent(name, 1, "g1", "test", members, occurred_at="2026").to_bytes()
