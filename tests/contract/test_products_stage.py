"""The group stage over every engine: what it writes comes back as it was, also what is gone."""

from fakes.match_graphs import graph

from streams.events import Mark, Message, Position, Standing, Version
from streams.events.products import ProductEvent
from streams.index import Change
from streams.matching import Policy, Rules
from streams.stages import Dependencies, state
from streams.stages.group import group

LISTED = Standing(Version(stated=True, number=1), Position(1, 1)).to_json()


class Told(list):
    async def deliver(self, letters):
        self.extend(ProductEvent.from_bytes(letter.key, letter.value) for letter in letters)


async def put(index, lists):
    await index.write(
        [
            Change(
                one,
                payload={
                    state.STANDING: LISTED,
                    state.LISTING: {"title": one, "price": "1.50", "currency": "EUR"},
                    state.MATCHES: [match.to_json() for match in some],
                },
            )
            for one, some in lists.items()
        ]
    )


async def test_products_merge_split_and_come_back_on_every_engine(index):
    told, marks = Told(), [Message("regroup", one, Mark(one.decode()).to_bytes()) for one in (b"a", b"b", b"c")]
    dependencies = Dependencies(index, told, Rules(Policy()), product_limit=2)
    for edges in ("AB|c", "A|BC", "AB|BC", "AB|c"):
        await put(index, graph(*(one for one in edges.split("|") if len(one) > 1), alone="abc"))
        await group(marks, dependencies)
    assert [(e.product_id, e.revision, e.members, e.oversized) for e in told] == [
        ("a", 1, ("a", "b"), False),
        ("c", 1, ("c",), False),
        ("a", 2, ("a",), False),
        ("b", 1, ("b", "c"), False),
        ("c", 0, None, False),
        ("a", 3, ("a",), True),
        ("b", 2, ("b",), True),
        ("c", 3, ("c",), True),
        ("a", 4, ("a", "b"), False),
        ("c", 4, ("c",), False),
        ("b", 0, None, False),
    ]
    points = await index.read("abc")
    assert {one: point.payload[state.PRODUCT_ID] for one, point in points.items()} == {"a": "a", "b": "a", "c": "c"}
    assert not any({state.REGROUPING, state.CROWD_LINKS} & set(point.payload) for point in points.values())
    told.clear()
    await group(marks, dependencies)
    assert told == []
