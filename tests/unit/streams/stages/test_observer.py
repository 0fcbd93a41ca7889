"""What stages tell of their work: counted over known batches of the bench."""

from collections import Counter
from dataclasses import replace

import pytest
from fakes.bench import Bench

from streams.events import Message
from streams.matching.decided import Decided
from streams.stages import Channel, judge
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals
from streams.stages.observer import Observer, Silent

SHOE = {"title": "red shoe", "image": "shoe 1", "version": 1}


class Heard:
    """Keeps all that is told: by name, the arguments of each call."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        def note(*arguments):
            self.calls.append((name, *map(kept, arguments)))

        return note

    def of(self, name):
        return [arguments for one, *arguments in self.calls if one == name]


def kept(value):
    return value if isinstance(value, int | str | Decided) else list(value)


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def bench(heard):
    made = Bench()
    made.dependencies = replace(made.dependencies, observer=heard)
    return made


def modalities(embeddings):
    return Counter(modality.value for embedding in embeddings for modality in embedding)


async def test_a_new_listing_is_encoded_and_a_new_price_is_not(bench, heard):
    await bench.put(bench.message("a", SHOE), bench.message("b", {"title": "blue mug"}))
    [[made, captions]], [[known]] = heard.of("encoded"), heard.of("reused")
    assert modalities(made) == {"text": 2, "lexical": 2, "image": 1}
    assert (captions, modalities(known)) == (0, {})
    heard.calls.clear()
    await bench.embed(bench.message("a", {**SHOE, "price": "9", "currency": "EUR", "version": 2}))
    [[made, _]], [[known]] = heard.of("encoded"), heard.of("reused")
    assert (modalities(made), modalities(known)) == ({}, {"text": 1, "lexical": 1, "image": 1})


async def test_neighborhoods_lists_and_decisions_are_told_once_a_batch(bench, heard):
    one = {"title": "red shoe", "image": "shoe 1"}
    await bench.publish(bench.message("a", one), bench.message("b", one), bench.message("c", {"title": "blue mug"}))
    heard.calls.clear()
    await bench.blend("a", "b", "c")
    await bench.match("a", "b", "c")
    assert [sorted(sizes) for [sizes] in heard.of("blended")] == [[0, 1, 1]]
    assert [sorted(sizes) for [sizes] in heard.of("listed")] == [[0, 1, 1]]
    [[decided]] = heard.of("decided")
    assert (decided.outcomes()["match"], decided.outcomes()["no"]) == (2, 0)


async def test_a_withdrawn_listing_has_no_neighborhood_and_no_list(bench, heard):
    await bench.publish(bench.message("a", SHOE))
    await bench.put(bench.message("a"))
    heard.calls.clear()
    await bench.blend("a")
    await bench.match("a")
    assert (heard.of("blended"), heard.of("listed")) == ([[[]]], [[[]]])


async def test_a_photo_that_fails_is_told_with_whether_it_is_fetched_again(bench, heard):
    bench.images.troubled = lambda reference: reference == "later"
    links = ["missing 1", "missing 2", "later", "shoe"]
    await bench.embed(*[bench.message(link, {**SHOE, "image": link}) for link in links])
    bench.dependencies = replace(bench.dependencies, image_refetches=0)
    await bench.embed(bench.message("later", {**SHOE, "image": "later", "version": 2}))
    assert heard.of("without_photo") == [[1, 2], [0, 1]]


async def test_a_photo_that_is_fetched_in_vain_counts_once_for_later_and_once_for_good(bench, heard):
    bench.images.troubled = lambda _reference: True
    letters = await bench.embed(*[bench.message(name, {**SHOE, "image": name}) for name in ("shoe 1", "shoe 2")])
    assert heard.of("without_photo") == [[2, 0]]
    while letters := [one for one in letters if one.channel is Channel.REFETCH]:
        letters = await bench.refetch(*letters)
    assert heard.of("without_photo") == [[2, 0], [0, 0], [0, 0], [0, 2]]


async def test_a_photo_that_is_gone_when_it_is_fetched_again_is_lost_at_once(bench, heard):
    bench.images.troubled = lambda _reference: True
    letters = await bench.embed(bench.message("a", SHOE))
    bench.images.troubled = lambda _reference: False
    bench.images.missing = "shoe"
    await bench.refetch(*[one for one in letters if one.channel is Channel.REFETCH])
    assert heard.of("without_photo") == [[1, 0], [0, 1]]


async def test_what_cannot_be_read_is_told_by_the_stage_that_lays_it_aside(bench, heard):
    await bench.embed(Message("listings", b"a", b"{"), Message("listings", None, b"x"), bench.message("a", SHOE))
    await judge([Message("judgements", b"a", b"{")], bench.dependencies)
    assert heard.of("laid_aside") == [["embed", "unreadable", 2], ["judge", "unreadable", 1]]


async def test_halves_and_tries_alone_are_retries_and_what_fails_in_the_end_is_laid_aside(tmp_path, heard, bench):
    async def fail_with_one(messages):
        if any(one.key == b"bad" for one in messages):
            raise ZeroDivisionError

    with Journals(tmp_path) as journals:
        attempts = Attempts("index", fail_with_one, bench, journals, journals.of("g1.index"), 3, observer=heard)
        await attempts([Message("t", key, b"", offset=i) for i, key in enumerate((b"good", b"bad"))])
    assert len(heard.of("retried")) == 3  # in halves, then twice more alone
    assert heard.of("laid_aside") == [["index", "failed"]]


def test_who_is_silent_hears_all_that_there_is():
    names = {name for name in vars(Observer) if not name.startswith("_")}
    assert names == {name for name in vars(Silent) if not name.startswith("_")}
