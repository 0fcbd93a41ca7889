"""Stages at work on the same listing: one stands still before each of its steps in turn while all others go on.

They are different processes; each listing has one owner per stage. The one that stood still then goes
on, or died there and its input comes again. Whatever it was, the lists end as the reference says.
"""

from collections.abc import Awaitable, Callable

import pytest
from fakes.bench import OFF, POLICY, Bench, crash, key_of
from fakes.chaos import CrashError

from streams.index import View
from streams.matching import Catalogue, reference
from streams.stages import Channel, Letter, state

BY_PRODUCT = POLICY.model_copy(update={"combination": "product"})
IN_FULL = (pytest.mark.slow, pytest.mark.no_cover)
"""For policies that ask less of the protocol: in `make test` alone, and coverage would nearly double their time."""
NOT_BLENDED, PRODUCT = pytest.param(OFF, marks=IN_FULL), pytest.param(BY_PRODUCT, marks=IN_FULL)
POLICIES = pytest.mark.parametrize("policy", [POLICY, NOT_BLENDED, PRODUCT], ids=["blended", "not blended", "product"])
BLENDED_OR_NOT = pytest.mark.parametrize("policy", [POLICY, NOT_BLENDED], ids=["blended", "not blended"])
DIES = pytest.mark.parametrize("dies", [False, True], ids=["stands still", "dies"])

CATALOGUE = {
    "a": {"title": "alpha beta", "image": "shoe 1"},
    "b": {"title": "red mug", "image": "shoe 2"},
    "c": {"title": "red mug pro", "image": "mug 1"},
    "d": {"title": "red mug"},
}
EVENTS = {
    "new title": {"title": "alpha beta", "image": "shoe 2"},
    "no title": {"image": "shoe 2"},
    "no image": {"title": "red mug"},
    "all new": {"title": "alpha beta pro", "image": "mug 2"},
    "withdrawn": None,
}
CHANGES = pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)

Steps = Callable[[], Awaitable[list[Letter]]]


async def catalogue(policy) -> Bench:
    bench = Bench(policy)
    await run_alone(bench, await bench.put(*[bench.message(i, {**one, "version": 1}) for i, one in CATALOGUE.items()]))
    await agrees(bench)
    return bench


async def changed(bench: Bench, version: int, event: dict | None, listing_id: str = "b") -> list[Letter]:
    """What embed sends for one more event."""
    if event is None:
        return await bench.embed(bench.message(listing_id, headers={"version": str(version).encode()}))
    return await bench.embed(bench.message(listing_id, {**event, "version": version}))


async def run_alone(bench: Bench, marks: list[Letter], held: tuple[Channel, str] | None = None) -> list[Letter]:
    """Each mark in a batch of its own, until none is left but those of a stage and listing held up; these."""
    waiting, left = list(marks), []
    while waiting:
        mark = waiting.pop(0)
        if (mark.channel, key_of(mark)) == held:
            left.append(mark)
        elif mark.channel is Channel.REBLEND:
            waiting += await bench.blend(key_of(mark))
        elif mark.channel is Channel.REMATCH:
            waiting += await bench.match(key_of(mark))
    return left


async def agrees(bench: Bench) -> None:
    points = [point async for point in bench.index.scan([View.RAW]) if point.raw]
    raw = {point.listing_id: point.raw for point in points}
    details = {point.listing_id: state.described(point, View.RAW).details for point in points}
    wanted = reference(Catalogue(raw, details), bench.dependencies.rules)
    names = {i: [one.listing_id for one in some.matches] for i, some in wanted.items()}
    assert await bench.lists() == names, "not what the reference says"


async def count_steps(bench: Bench, stage: Steps) -> int:
    bench.steps.clear()
    await stage()
    return len(bench.steps)


async def interrupted(bench: Bench, stage: Steps, step: int, others: Steps, *, dies: bool) -> None:
    """Run a stage; before one of its steps the others run, and it may have died there and start again."""
    left: list[Letter] = []

    async def meanwhile() -> None:
        left.extend(await others())
        if dies:
            await crash()

    bench.before_step(step, meanwhile)
    try:
        marks = await stage()
    except CrashError:
        marks = [*bench.sent, *await stage()]
    await run_alone(bench, [*marks, *left])
    await agrees(bench)


async def index_interrupted(policy, event, *, dies: bool) -> None:
    """An event of b, by index; blend and match are told to look at everyone meanwhile."""
    settled = await catalogue(policy)

    async def scene():
        bench = settled.copy()
        letters = await changed(bench, 2, event)
        return bench, lambda: bench.apply(*letters)

    for step in range(1, 1 + await count_steps(*await scene())):
        bench, stage = await scene()

        async def others(bench=bench):
            return await run_alone(bench, [mark(Channel.REBLEND, i) for i in CATALOGUE])

        await interrupted(bench, stage, step, others, dies=dies)


@POLICIES
@DIES
@CHANGES
async def test_blend_and_match_while_index_is_in_the_middle(policy, dies, event):
    await index_interrupted(policy, event, dies=dies)


@BLENDED_OR_NOT
@DIES
@CHANGES
async def test_index_and_match_while_blend_is_in_the_middle(policy, dies, event):
    settled = await catalogue(policy)

    async def scene():
        bench = settled.copy()
        marks = await bench.apply(*await changed(bench, 2, EVENTS["new title"]))
        return bench, lambda: bench.blend("b"), [one for one in marks if key_of(one) != "b"]

    bench, stage, _ = await scene()
    for step in range(1, 1 + await count_steps(bench, stage)):
        bench, stage, marks = await scene()

        async def others(bench=bench, marks=marks):
            more = await bench.apply(*await changed(bench, 3, event))
            return await run_alone(bench, [*marks, *more], held=(Channel.REBLEND, "b"))

        await interrupted(bench, stage, step, others, dies=dies)


@BLENDED_OR_NOT
@DIES
@CHANGES
async def test_index_and_blend_while_match_is_in_the_middle(policy, dies, event):
    settled = await catalogue(policy)

    async def scene():
        bench = settled.copy()
        await bench.apply(*await changed(bench, 2, EVENTS["new title"]))
        marks = await bench.blend("b")
        return bench, lambda: bench.match("b"), [mark(Channel.REBLEND, i) for i in "acd"] + marks

    bench, stage, _ = await scene()
    for step in range(1, 1 + await count_steps(bench, stage)):
        bench, stage, marks = await scene()

        async def others(bench=bench, marks=marks):
            more = await bench.apply(*await changed(bench, 3, event))
            return await run_alone(bench, [*marks, *more], held=(Channel.REMATCH, "b"))

        await interrupted(bench, stage, step, others, dies=dies)


@DIES
async def test_a_list_made_between_new_rows_and_new_words_is_made_again(dies):
    """For a moment b has the photo of a and no GTIN yet that contradicts a's."""
    settled = Bench(POLICY.changed(vetoes=["gtin"]))
    listings = {"a": {"image": "shoe 1", "gtin": "4006381333931"}, "b": {"image": "mug 2"}}
    await run_alone(
        settled, await settled.put(*[settled.message(i, {**one, "version": 1}) for i, one in listings.items()])
    )

    async def scene():
        bench = settled.copy()
        await bench.apply(*await changed(bench, 2, {"image": "shoe 1", "gtin": "4006381333948"}))
        return bench, lambda: bench.blend("b")

    for step in range(1, 1 + await count_steps(*await scene())):
        bench, stage = await scene()

        async def others(bench=bench):
            return await run_alone(bench, [mark(Channel.REMATCH, "a")])

        await interrupted(bench, stage, step, others, dies=dies)


@POLICIES
async def test_blend_does_not_resurrect_a_listing_that_was_withdrawn_meanwhile(policy):
    bench = await catalogue(policy)
    marks = await bench.apply(*await changed(bench, 2, EVENTS["new title"]))
    later: list[Letter] = []

    async def withdrawal() -> None:
        later.extend(await bench.apply(*await changed(bench, 3, None)))

    bench.before("rows", withdrawal, "b")
    await run_alone(bench, marks)
    assert (await bench.point("b")).blended, "it was written after the withdrawal, for a moment"
    await run_alone(bench, later)
    assert (await bench.point("b")).blended == {}
    await agrees(bench)


async def test_blended_rows_are_found_by_what_they_are_while_index_is_between_rows_and_payload():
    bench = await catalogue(OFF)
    letters = await changed(bench, 2, EVENTS["no title"])
    bench.crash_before("payload", "b")
    with pytest.raises(CrashError):
        await bench.apply(*letters)
    await run_alone(bench, await bench.blend("b"))
    assert (await bench.lists())["a"] == ["b"]
    await run_alone(bench, [*bench.sent, *await bench.apply(*letters)])
    await agrees(bench)


def mark(channel: Channel, listing_id: str) -> Letter:
    return Letter(channel, listing_id.encode(), b"{}")
