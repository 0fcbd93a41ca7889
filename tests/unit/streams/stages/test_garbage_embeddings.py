"""What somebody else writes into the topic `embeddings`: laid aside after some attempts, and nobody else notices."""

from functools import partial

import orjson
import pytest
from fakes.bench import POLICY, Bench
from fakes.old_embeddings import base64_of, fields_of

from streams.events import EmbeddingEvent, Message
from streams.index.edge import EdgeIndex
from streams.stages import Channel, index
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals

HONEST = ("a", "b")


def row(*numbers):
    return base64_of(numbers)


def changed(**fields):
    """A message as the embed stage wrote it in JSON, with some fields that are not its own."""

    def change(good):
        return orjson.dumps({**fields_of(EmbeddingEvent.from_bytes(b"x", good)), **fields})

    return change


def rows(**rows_):
    return changed(embedding=rows_)


GARBAGE = {
    "nothing": lambda _: None,
    "no bytes": lambda _: b"",
    "a part": lambda good: good[:-1],
    "more than all": lambda good: good + b"\0",
    "a part of the head": lambda good: good[:20],
    "of another format": lambda good: b"\x02" + good[1:],
    "no JSON": lambda _: b'{"version":',
    "not UTF-8": lambda _: b"\xff\xfe",
    "a list": lambda _: b"[]",
    "an empty object": lambda _: b"{}",
    "a listing that is none": changed(listing="shoe"),
    "a position that is none": changed(position=["listings"]),
    "a version that is none": changed(version="soon"),
    "a row that is none": rows(text="?"),
    "a row of another length": rows(text=row(1.0)),
    "a row of no numbers": rows(text=row(*[float("nan")] * 64)),
    "an endless row": rows(text=row(*[float("inf")] * 64)),
    "an unknown modality": rows(smell=row(1.0)),
    "a sparse row in place of a dense one": rows(text=[row(1.0), row(1.0)]),
    "a dense row in place of a sparse one": rows(lexical=row(1.0)),
    "a sparse row with one word twice": rows(lexical=[row(0.0, 0.0), row(1.0, 1.0)]),
}


@pytest.fixture
async def engine(tmp_path):
    engine = EdgeIndex.open(tmp_path / "index", "c", Bench().index._layout.dimensions)
    yield engine
    await engine.close()


@pytest.mark.parametrize("garble", GARBAGE.values(), ids=GARBAGE)
async def test_it_is_laid_aside_and_nobody_else_notices(garble, engine, tmp_path):
    bench = Bench(POLICY)
    good = [one for name in HONEST for one in await bench.embed(bench.message(name, {"title": "red shoe"}))]
    garbage = garble((await bench.embed(bench.message("x", {"title": "red shoe"})))[0].value)
    batch = [(good[0].key, good[0].value), (b"x", garbage), (good[1].key, good[1].value)]
    messages = [Message("embeddings", key, value, 0, offset) for offset, (key, value) in enumerate(batch)]
    object.__setattr__(bench.dependencies, "index", engine)
    with Journals(tmp_path) as journals:
        stage = partial(index, dependencies=bench.dependencies)
        await Attempts("index", stage, bench, journals, journals.of("index"))(messages)
    [letter] = [one for one in bench.sent if one.channel is Channel.DEAD_LETTERS]
    assert (letter.key, letter.value) == (b"x", garbage)
    stored = await engine.read([*HONEST, "x"])
    assert sorted(stored) == list(HONEST)
