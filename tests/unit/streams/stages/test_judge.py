"""Judgements in the flow: they reach both lists, wait for listings, and are last words."""

import random

import pytest
from fakes.bench import POLICY
from fakes.chaos import Chaos
from fakes.flow import JUDGEMENTS, Flow

from streams.events import Judgement, Message, Verdict
from streams.stages import Channel


@pytest.fixture
def flow():
    return Flow(POLICY, Chaos(random.Random(0)))


async def matched(flow) -> dict[str, list[str]]:
    await flow.drain()
    return {i: [match.listing_id for match in some] for i, some in flow.lists().items()}


def publish(flow, **titles):
    for listing_id, title in titles.items():
        flow.publish(listing_id, {"listing_id": listing_id, "title": title})


async def test_what_is_judged_the_same_matches_whatever_the_similarity(flow):
    publish(flow, a="red mug", b="blue lamp", c="green chair")
    flow.judge(Judgement.on("b", "a", Verdict.SAME, by="eva"))
    assert await matched(flow) == {"a": ["b"], "b": ["a"], "c": []}
    [match] = flow.told()["a"].matches
    assert (match.evidence["rule"], match.strong) == ("judged same", True)
    assert flow.told()["a"].cause


async def test_what_is_judged_different_does_not(flow):
    publish(flow, a="red mug", b="red mug")
    assert await matched(flow) == {"a": ["b"], "b": ["a"]}
    flow.judge(Judgement.on("a", "b", Verdict.DIFFERENT))
    assert await matched(flow) == {"a": [], "b": []}
    flow.judge(Judgement.on("a", "b", None))
    assert await matched(flow) == {"a": ["b"], "b": ["a"]}


async def test_unsure_decides_nothing(flow):
    publish(flow, a="red mug", b="red mug", c="blue lamp")
    flow.judge(Judgement.on("a", "b", Verdict.UNSURE))
    flow.judge(Judgement.on("a", "c", Verdict.UNSURE))
    assert await matched(flow) == {"a": ["b"], "b": ["a"], "c": []}


async def test_a_judgement_waits_for_listings_and_outlives_a_withdrawal(flow):
    flow.judge(Judgement.on("a", "b", Verdict.SAME))
    assert await matched(flow) == {}
    publish(flow, a="red mug")
    assert await matched(flow) == {"a": []}
    publish(flow, b="blue lamp")
    assert await matched(flow) == {"a": ["b"], "b": ["a"]}
    flow.publish("b", None)
    assert await matched(flow) == {"a": []}
    publish(flow, b="green chair")
    assert await matched(flow) == {"a": ["b"], "b": ["a"]}


async def linked_by_another(flow):
    """Three listings of one product, of which b alone links the others; and what is listed."""
    publish(flow, a="red mug", b="blue lamp", c="green chair")
    for pair in ("ab", "bc"):
        flow.judge(Judgement.on(*pair, Verdict.SAME))
    assert await matched(flow) == {"a": ["b"], "b": ["a", "c"], "c": ["b"]}
    assert members(flow) == ["abc"]


def members(flow):
    return sorted("".join(product.members) for product in flow.products().values())


async def test_what_is_judged_different_is_in_two_products_although_another_links_it_and_no_list_changes(flow):
    await linked_by_another(flow)
    before, told = flow.lists(), len(flow.sent[Channel.MATCHES])
    flow.judge(Judgement.on("a", "c", Verdict.DIFFERENT))
    await flow.drain()
    assert members(flow) == ["ab", "c"]
    assert (flow.lists(), len(flow.sent[Channel.MATCHES])) == (before, told)
    assert all(product.cause.startswith("judged different") for product in flow.products().values())


@pytest.mark.parametrize("verdict", [None, Verdict.UNSURE, Verdict.SAME])
async def test_it_is_one_product_again_when_somebody_says_otherwise(flow, verdict):
    await linked_by_another(flow)
    flow.judge(Judgement.on("a", "c", Verdict.DIFFERENT))
    await flow.drain()
    flow.judge(Judgement.on("a", "c", verdict))
    await flow.drain()
    assert members(flow) == ["abc"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (b'["b","a"]', b'{"verdict": "same"}'),
        (b'["a","a"]', b'{"verdict": "same"}'),
        (b'["a"]', b'{"verdict": "same"}'),
        (b"a", None),
        (None, b"{}"),
        (b'["a","b"]', b'{"verdict": "perhaps"}'),
        (b'["a","b"]', b"nothing"),
        (b'["a","b"]', b"[]"),
    ],
)
async def test_what_is_no_judgement_goes_to_the_dead_letters_and_stops_nobody(flow, key, value):
    publish(flow, a="red mug", b="blue lamp")
    flow.enqueue(Message(JUDGEMENTS, key, value))
    flow.judge(Judgement.on("a", "b", Verdict.SAME))
    assert await matched(flow) == {"a": ["b"], "b": ["a"]}
    [dead] = flow.sent[Channel.DEAD_LETTERS]
    assert (dead.key, dead.value) == (key, value)
    assert b"same, different or unsure" in dead.headers["matchstream.reason"]


async def test_withdrawn_and_back_before_match_has_looked_it_is_in_a_product_again(flow):
    """Its list never changes, so that only the index stage can tell that it is back."""
    publish(flow, a="red mug")
    await flow.drain()
    assert set(flow.products()) == {"a"}
    reads, flow.stages = flow.stages, {**flow.stages, Channel.REMATCH: _nothing, Channel.REBLEND: _nothing}
    flow.publish("a", None)
    await flow.drain()
    assert set(flow.products()) == set()
    flow.stages = reads
    publish(flow, a="red mug")
    assert await matched(flow) == {"a": []}
    assert set(flow.products()) == {"a"}


async def _nothing(_messages, _dependencies):
    """A stage whose marks come later together with the next ones."""
