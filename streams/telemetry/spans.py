"""One listing through all stages as one trace, its context in the headers of Kafka's records.

Each stage makes a span for each listing in its batch that belongs to a trace, as long as the batch takes: the
gap before it is the time its message waited. A trace begins where a message enters the flow, with a seller's
own context if it brought one; what nobody sent, as the marks of the sweep, belongs to none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, Final

from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode, TracerProvider, get_current_span
from opentelemetry.trace.propagation import set_span_in_context
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from streams.brokers.topics import StageName
from streams.events import EmbeddingEvent, Mark, Message
from streams.events.headers import HEADER, Headers
from streams.events.versions import Position
from streams.stages.attempts import Process
from streams.stages.dependencies import Channel, Letter, Outbox
from streams.telemetry.batches import listings_of

_BEGINNING: Final = (StageName.EMBED, StageName.JUDGE)
"""Stages that read what others send: there a message without a context begins a trace."""
_MARKED: Final = (StageName.BLEND, StageName.MATCH, StageName.GROUP)
_LINKS: Final = 8
_CONTEXT: Final = TraceContextTextMapPropagator()
_CONTEXT_HEADER: Final = "traceparent"
_NOWHERE: Final = Position(0, 0)


@dataclass
class _Batch:
    """The spans of a batch in hand.

    Args:
        of_listing: by what a letter to or about that listing has as its key.
        of_cause: by the words that marks carry, for letters to other listings.
        all: each once.
    """

    of_listing: dict[bytes, Span] = field(default_factory=dict)
    of_cause: dict[str, Span] = field(default_factory=dict)
    all: list[Span] = field(default_factory=list)

    def of(self, letter: Letter) -> Span | None:
        """The span that a letter comes of."""
        own = self.of_listing.get(letter.key or b"")
        return own or self.of_cause.get(Mark.from_bytes(letter.key, letter.value).cause)

    def end(self, error: BaseException | None = None) -> None:
        for span in self.all:
            if error is not None:
                span.set_status(Status(StatusCode.ERROR, type(error).__name__))
            span.end()


_IN_HAND: ContextVar[_Batch | None] = ContextVar("batch", default=None)


class Traced:
    """Traces by a provider of OpenTelemetry's; see `streams.telemetry.tracing.Tracing`."""

    def __init__(self, provider: TracerProvider, generation: str) -> None:
        """Make spans of a generation's work."""
        self._tracer = provider.get_tracer("matchstream")
        self._generation = generation

    def over(self, stage: str, process: Process) -> Process:
        """The same stage, with a span for each listing in its batches."""

        async def traced(messages: Sequence[Message]) -> None:
            batch = self._begin(stage, messages)
            before = _IN_HAND.set(batch)
            try:
                await process(messages)
            except BaseException as error:
                batch.end(error)
                raise
            finally:
                _IN_HAND.reset(before)
            batch.end()

        return traced

    def outbox(self, outbox: Outbox) -> Outbox:
        """The same outbox; its letters say which listing of the batch in hand they come of."""
        return _TracedOutbox(outbox)

    def published(self, message: Message) -> Message:
        """A listing's message as it is to be sent, with the beginning of its trace."""
        attributes = self._attributes("publish", [message])
        span = self._tracer.start_span("publish", _context(message), SpanKind.PRODUCER, attributes)
        span.end()
        kept = [pair for pair in Headers.of(message.headers).pairs if pair[0] not in _CONTEXT.fields]
        return replace(message, headers=Headers([*kept, *_headers(span)]))

    def _begin(self, stage: str, messages: Sequence[Message]) -> _Batch:
        batch, by_key = _Batch(), dict[bytes, list[Message]]()
        for message in messages:
            by_key.setdefault(message.key or b"", []).append(message)
        for some in by_key.values():
            parents = [context for one in some if (context := _context(one))]
            if parents or stage in _BEGINNING:
                span = self._start(stage, some, parents)
                batch.all.append(span)
                batch.of_listing.update(dict.fromkeys(_keys(some), span))
                for cause in filter(None, _causes(stage, some)):
                    batch.of_cause.setdefault(cause, span)
        return batch

    def _start(self, stage: str, messages: Sequence[Message], parents: Sequence[Context]) -> Span:
        links = [Link(get_current_span(one).get_span_context()) for one in parents[1 : 1 + _LINKS]]
        # An empty context, not none at all: that would be whatever span the caller is in.
        parent = parents[0] if parents else Context()
        return self._tracer.start_span(stage, parent, SpanKind.CONSUMER, self._attributes(stage, messages), links)

    def _attributes(self, stage: str, messages: Sequence[Message]) -> Mapping[str, str | int]:
        last = messages[-1]
        names = ("matchstream.listing_id", "matchstream.other_listing_id")  # two in a judgement
        return {
            **dict(zip(names, listings_of(messages), strict=False)),
            "matchstream.stage": stage,
            "matchstream.generation": self._generation,
            "messaging.system": "kafka",
            "messaging.destination.name": last.topic,
            "messaging.destination.partition.id": str(last.partition),
            "messaging.kafka.offset": last.offset,
        }


@dataclass(frozen=True, slots=True)
class _TracedOutbox:
    outbox: Outbox

    async def deliver(self, letters: Sequence[Letter]) -> None:
        """Send them all, each with the context of the span that it comes of."""
        batch = _IN_HAND.get()
        await self.outbox.deliver([_stamped(one, batch) for one in letters] if batch and batch.all else letters)


def _stamped(letter: Letter, batch: _Batch) -> Letter:
    span = batch.of(letter)
    if span is None:
        return letter
    if letter.channel is Channel.DEAD_LETTERS:
        why = (letter.headers.get(f"{HEADER}error") or letter.headers.get(f"{HEADER}reason") or b"").decode()
        span.add_event("laid aside", {"error": why})
        span.set_status(Status(StatusCode.ERROR, "laid aside"))
        if _CONTEXT_HEADER in letter.headers:
            return letter  # whoever tries it again goes on where the sender began
    return replace(letter, headers=Headers([*Headers.of(letter.headers).pairs, *_headers(span)]))


def _context(message: Message) -> Context | None:
    """Of the trace that a message belongs to; None where its headers name none that can be."""
    told = {name: (message.headers.get(name) or b"").decode("ascii", "replace") for name in _CONTEXT.fields}
    if not told[_CONTEXT_HEADER]:
        return None
    context = _CONTEXT.extract({name: value for name, value in told.items() if value}, Context())
    return context if get_current_span(context).get_span_context().is_valid else None


def _headers(span: Span) -> Iterator[tuple[str, bytes]]:
    told: dict[str, str] = {}
    _CONTEXT.inject(told, set_span_in_context(span, Context()))
    return ((name, value.encode()) for name, value in told.items())


def _keys(messages: Sequence[Message]) -> Iterator[bytes]:
    """What letters about the same listings have as their keys."""
    yield messages[0].key or b""
    for listing_id in listings_of(messages):
        yield listing_id.encode()


def _causes(stage: str, messages: Sequence[Message]) -> Iterable[str]:
    """What marks will say that come of these messages."""
    if stage in _MARKED:
        return (Mark.from_bytes(one.key, one.value).cause for one in messages)
    if stage != StageName.INDEX:
        return ()
    said: tuple[Mapping[str, Any] | None, ...] = ({}, None)
    return (EmbeddingEvent(one, None, _NOWHERE, listing).cause for one in listings_of(messages) for listing in said)
