"""One listing through all stages is one trace, whatever was marked on its behalf; nothing else is traced."""

from dataclasses import replace
from functools import partial

import pytest
from fakes.bench import POLICY
from fakes.flow import JUDGEMENTS, LISTINGS, STAGES, Flow
from opentelemetry.sdk.trace import TracerProvider, sampling

from streams.events import Judgement, Mark, Message, Verdict
from streams.events.headers import Headers
from streams.events.records import dead_letter_headers, original_headers
from streams.stages import Channel, Letter
from streams.telemetry.spans import Traced

NAMES = {
    LISTINGS: "embed",
    Channel.REFETCH: "refetch",
    Channel.EMBEDDINGS: "index",
    Channel.REBLEND: "blend",
    Channel.REMATCH: "match",
    JUDGEMENTS: "judge",
    Channel.REGROUP: "group",
}
PARENT = f"00-{'a' * 32}-{'b' * 16}-01"
MUG = {"title": "red mug with a handle", "price": "3", "currency": "EUR"}


def flow_traced_by(traced):
    """The fake flow with its stages and its outbox traced."""

    async def run(messages, dependencies, name, stage):
        await traced.over(name, partial(stage, dependencies=dependencies))(messages)

    flow = Flow(POLICY, stages={topic: partial(run, name=NAMES[topic], stage=one) for topic, one in STAGES.items()})
    flow.dependencies = replace(flow.dependencies, outbox=traced.outbox(flow))
    return flow


@pytest.fixture
def flow(traced):
    return flow_traced_by(traced)


def listing(listing_id, **fields):
    return {"listing_id": listing_id, **MUG, **fields}


async def publish(flow, traced, *listing_ids):
    """Each by itself, until all is done; the spans of the last."""
    for one in listing_ids:
        sent = flow.publish(one, listing(one))
        queue = next(queue for queue in flow.queues.values() if sent in queue.waiting)
        queue.waiting[queue.waiting.index(sent)] = traced.published(sent)
        await flow.drain()


def in_words(spans):
    """Each span by its name and listing, with those of its parent."""
    by_id = {one.context.span_id: one for one in spans}

    def words(span):
        return None if span is None else (span.name, span.attributes["matchstream.listing_id"])

    return {(words(one), words(one.parent and by_id[one.parent.span_id])) for one in spans}


async def test_a_listing_is_one_trace_from_its_publishing_to_its_product(flow, traced, exporter):
    await publish(flow, traced, "a", "b")
    spans = exporter.get_finished_spans()
    assert len({one.context.trace_id for one in spans}) == 2
    of_a, of_b = (
        in_words([one for one in spans if one.context.trace_id == root.context.trace_id])
        for root in spans
        if root.parent is None
    )
    assert {
        (("embed", "a"), ("publish", "a")),
        (("index", "a"), ("embed", "a")),
        (("blend", "a"), ("index", "a")),
    } <= of_a
    assert {(("match", "a"), ("blend", "a")), (("group", "a"), ("match", "a"))} <= of_a
    assert (("blend", "a"), ("index", "b")) in of_b, "the neighbor that b touches is marked on b's behalf"
    assert (("match", "a"), ("blend", "b")) in of_b or (("match", "a"), ("blend", "a")) in of_b
    assert flow.lists()["a"]


async def test_what_is_told_says_which_trace_it_comes_of(flow, traced, exporter):
    await publish(flow, traced, "a", "b")
    traces = {f"{one.context.trace_id:032x}" for one in exporter.get_finished_spans()}
    for channel in (Channel.MATCHES, Channel.PRODUCTS):
        letters = [letter for letter in flow.sent[channel] if letter.value]  # what is gone was withdrawn by nobody
        told = [letter.headers["traceparent"].decode().split("-")[1] for letter in letters]
        assert told
        assert set(told) <= traces


async def test_a_seller_s_own_trace_goes_on_and_others_begin(flow, exporter):
    flow.publish("a", listing("a"), headers=Headers([("traceparent", PARENT.encode()), ("tracestate", b"shop=1")]))
    await flow.drain()
    assert {f"{one.context.trace_id:032x}" for one in exporter.get_finished_spans()} == {"a" * 32}
    assert dict(flow.sent[Channel.MATCHES][-1].headers)["tracestate"] == b"shop=1"
    flow.publish("b", listing("b"))
    await flow.drain()
    assert len({one.context.trace_id for one in exporter.get_finished_spans()}) == 2


@pytest.mark.parametrize(
    "header",
    [b"", b"\xff\xfe", b"00-" + b"0" * 32 + b"-" + b"b" * 16 + b"-01", b"x" * 1000, PARENT.encode() + b"-x", None],
)
async def test_a_header_that_is_none_begins_a_trace_of_its_own(flow, exporter, header):
    flow.publish("a", listing("a"), headers=Headers([("traceparent", header), ("tracestate", b"\xff,=,")]))
    await flow.drain()
    names = [one.name for one in exporter.get_finished_spans()]
    assert names[0] == "embed"
    assert "group" in names
    assert exporter.get_finished_spans()[0].parent is None


def test_publishing_goes_on_with_the_trace_a_message_has_and_replaces_its_header(traced, exporter):
    before = Headers([("x", b"1"), ("traceparent", PARENT.encode())])
    after = traced.published(Message(LISTINGS, b"a", b"{}", headers=before)).headers
    assert [name for name, _ in after.pairs] == ["x", "traceparent"]
    (span,) = exporter.get_finished_spans()
    assert f"{span.parent.span_id:016x}" == "b" * 16
    assert f"{span.context.span_id:016x}" in after["traceparent"].decode()


@pytest.mark.parametrize("headers", [{}, {"traceparent": b"not one"}])
async def test_marks_that_nobody_sent_are_no_trace(flow, exporter, headers):
    flow.publish("a", listing("a"))
    await flow.drain()
    exporter.clear()
    await flow.deliver([replace(Letter.mark(Channel.REBLEND, Mark("a", "swept")), headers=headers)])
    await flow.drain()
    assert exporter.get_finished_spans() == ()


async def test_a_judgement_is_a_trace_of_both_listings(flow, traced, exporter):
    await publish(flow, traced, "a", "b")
    exporter.clear()
    flow.judge(Judgement.on("a", "b", Verdict.DIFFERENT))
    await flow.drain()
    spans = exporter.get_finished_spans()
    (judge,) = [one for one in spans if one.name == "judge"]
    assert (judge.attributes["matchstream.listing_id"], judge.attributes["matchstream.other_listing_id"]) == ("a", "b")
    assert {one.context.trace_id for one in spans} == {judge.context.trace_id}
    assert {words for words, _ in in_words(spans)} >= {("match", "a"), ("match", "b"), ("group", "a"), ("group", "b")}


async def test_several_marks_of_one_listing_are_one_span_with_links(traced, exporter):
    marks = [
        Message("reblend", b"a", b"{}", headers=Headers([("traceparent", f"00-{n:032x}-{n:016x}-01".encode())]))
        for n in range(1, 20)
    ]

    async def process(_messages):
        pass

    await traced.over("blend", process)(marks)
    (span,) = exporter.get_finished_spans()
    assert span.parent.span_id == 1
    assert [link.context.span_id for link in span.links] == [*range(2, 10)]


async def test_a_message_that_is_laid_aside_keeps_its_sender_s_header_and_is_seen(flow, exporter):
    flow.publish("a", {"no": "listing"}, headers=Headers([("traceparent", PARENT.encode()), ("x", b"1"), ("x", b"2")]))
    await flow.drain()
    (dead,) = flow.sent[Channel.DEAD_LETTERS]
    assert original_headers(dead.headers).pairs == (("traceparent", PARENT.encode()), ("x", b"1"), ("x", b"2"))
    (span,) = exporter.get_finished_spans()
    assert [event.name for event in span.events] == ["laid aside"]
    assert not span.status.is_ok


async def test_tried_again_it_goes_on_in_the_trace_it_was_given(flow, exporter):
    message = flow.publish("a", {"no": "listing"})
    await flow.drain()
    (dead,) = flow.sent[Channel.DEAD_LETTERS]
    assert dead_letter_headers(message, "x").keys() <= {*dead.headers, "matchstream.reason"}
    flow.enqueue(Message(LISTINGS, b"a", b"{}", headers=original_headers(dead.headers)))
    await flow.drain()
    first, again = exporter.get_finished_spans()
    assert again.parent.span_id == first.context.span_id


async def test_a_batch_that_fails_is_seen_in_its_spans(traced, exporter):
    async def fail(_messages):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await traced.over("embed", fail)([Message("listings", b"a", b"{}")])
    (span,) = exporter.get_finished_spans()
    assert (span.status.is_ok, span.status.description) == (False, "ZeroDivisionError")


async def test_what_is_not_sampled_stays_so_through_all_stages():
    never = Traced(TracerProvider(sampler=sampling.ALWAYS_OFF, shutdown_on_exit=False), "g1")
    flow = flow_traced_by(never)
    flow.publish("a", listing("a"))
    await flow.drain()
    flags = [int(letter.headers["traceparent"][-2:], 16) for letter in flow.sent[Channel.MATCHES]]
    assert flags
    assert not any(flag & 1 for flag in flags)
