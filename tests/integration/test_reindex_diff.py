"""`matchstream reindex diff` on topics that were written by hand."""

import orjson
import pytest
from end_to_end.commands import Command
from fakes.on_kafka import ready
from PIL import Image

from streams.brokers.producer import Publisher
from streams.brokers.roster import write_generation, write_live
from streams.brokers.topics import Topics
from streams.errors import GenerationInUseError, UnknownGenerationError
from streams.events import Judgement, Match, MatchEvent, Message, Verdict
from streams.events.generations import Generation, Live
from streams.reindex.difference import Wanted, read_difference, read_list_difference
from streams.reindex.difference.seen import Place

pytestmark = pytest.mark.kafka

LISTINGS = {
    "a": {"title": "Mug red", "category": "Mugs", "image": "a.png", "product": "mug", "price": "3", "currency": "EUR"},
    "b": {"title": "Red mug", "category": "mugs", "product": "mug"},
    "c": {"title": "Lamp <b>", "category": "Lamps", "product": "lamp"},
    "d": {"title": "A lamp", "category": "Lamps", "product": "lamp"},
    "e": {"title": "Lamp\x1b[31m", "category": "Lamps", "product": 7},
}


def match(listing_id, similarity=0.9, rule="combined>=0.60", **evidence):
    return Match(listing_id, similarity, {"text": similarity, "rule": rule, **evidence})


def lists(generation, revision=1, **found):
    """Events of listings, each with the ids in its list."""
    return [
        MatchEvent(one, revision, generation, "why", tuple(map(match, others)) if others is not None else None)
        for one, others in found.items()
    ]


BEFORE = [
    *lists("g1", a="c", b="", c="a", d="e", e="d"),
    *lists("g1", revision=2, a="b", b="a", c=""),
    *lists("g1", gone="a"),
    *lists("g1", revision=2, gone=None),
]
AFTER = [
    MatchEvent("a", 1, "g2", "why", (match("b", 0.1, "judged same", unjudged="no"),)),
    MatchEvent("b", 1, "g2", "why", (match("a", 0.1, "judged same", unjudged="no"),)),
    MatchEvent("c", 2, "g2", "why", (match("d", 0.7),), overruled=(match("a", 0.8, unjudged="match"),)),
    MatchEvent("d", 2, "g2", "why", (match("c", 0.7),), review=(match("e", 0.5),)),
    MatchEvent("e", 1, "g2", "why", (), review=(match("d", 0.5),)),
]
JUDGEMENTS = [
    Judgement.on("a", "b", Verdict.SAME, by="ann"),
    Judgement.on("a", "c", Verdict.SAME),
    Judgement.on("a", "c", Verdict.DIFFERENT),
    Judgement.on("d", "e", Verdict.UNSURE),
    Judgement.on("a", "nobody", Verdict.SAME),
]


@pytest.fixture
async def settings(kafka_settings, tmp_path):
    """A live generation 'g1' and another one 'g2', each with some lists."""
    folder = tmp_path / "photos"
    folder.mkdir()
    Image.new("RGB", (64, 48), "red").save(folder / "a.png")
    here = (await ready(kafka_settings, folder, tmp_path)).model_copy(update={"generation": "g1"})
    other = await ready(here.model_copy(update={"generation": "g2"}), folder, tmp_path)
    await ready(here, folder, tmp_path)
    for name in ("g1", "g2"):
        await write_generation(here, Generation(name=name, bundle="demo", digest="0" * 64))
    await write_live(here, Live(generation="g1"))
    names = Topics(here)
    said = [(names.listings.name, one.encode(), _listing(one, fields)) for one, fields in LISTINGS.items()]
    said += [(names.listings.name, b"c", b"no JSON"), (names.listings.name, b"d", None)]
    said += [(names.matches.name, one.listing_id.encode(), one.to_bytes()) for one in BEFORE]
    said += [(Topics(other).shadow_matches.name, one.listing_id.encode(), one.to_bytes()) for one in AFTER]
    said += [(names.judgements.name, one.key, one.to_bytes()) for one in JUDGEMENTS]
    said += [(names.judgements.name, b"no pair", b"{}")]
    async with Publisher(here) as publisher:
        await publisher.publish_all([Message(topic, key, value) for topic, key, value in said])
    return here


@pytest.fixture
def command(settings, tmp_path):
    there = {"image_root": settings.image_root, "bundle": "demo"}
    return Command({"NO_COLOR": "1"}, tmp_path).on(settings).with_(**there)


def _listing(listing_id, fields):
    return orjson.dumps({"listing_id": listing_id, **fields})


async def test_the_lists_of_two_generations_beside_each_other(settings):
    found = await read_difference(settings, "g2", Wanted(label="product"))
    assert (found.live, found.name) == ("g1", "g2")
    assert (found.lists.gained, found.lists.lost, found.lists.kept) == ({("c", "d")}, {("d", "e")}, 1)
    assert found.lists.listings == (5, 5)
    assert found.share == pytest.approx(2 / 3)
    before, after = found.seen["d", "e"]
    assert (before.place, before.match.similarity, after.place, after.score) == (Place.MATCH, 0.9, Place.REVIEW, 0.5)
    assert [one.parts for one in found.products.merged] == [(("c",), ("d",))]
    assert [one.parts for one in found.products.split] == [(("d",), ("e",))]
    assert {name: (one.gained, one.lost) for name, one in found.categories.items()} == {"Lamps": (1, 1), "Mugs": (0, 0)}
    assert [(one.pair, one.same, one.by) for one in found.judged] == [
        (("a", "b"), True, "ann"),
        (("a", "c"), False, ""),
    ]
    assert [(one.before.matched_alone, one.after.matched_alone) for one in found.judged] == [
        (True, False),
        (False, True),
    ]
    assert [(one.right, one.found, one.true) for one in found.labelled] == [(1, 2, 2), (2, 2, 2)]
    assert (found.listing("a").price, found.listing("b").price) == ("3 EUR", "")
    assert found.listing("d").title == "A lamp"
    assert found.lag["embed"] == len(LISTINGS) + 2


async def test_the_share_alone_is_the_same(settings):
    assert await read_list_difference(settings, "g2") == (await read_difference(settings, "g2")).lists


async def test_lists_that_another_generation_told_last_are_counted(settings):
    event = MatchEvent("a", 3, "g0", "why", (match("b"),))
    async with Publisher(settings) as publisher:
        await publisher.send(Topics(settings).matches.name, b"a", event.to_bytes())
    assert (await read_difference(settings, "g2")).told_by_others == 1


async def test_where_judgements_divide_a_product_it_counts_who_is_how_similar(settings):
    """D is more like c in one generation, more like e in the other; the pairs are the same."""
    topics = Topics(settings)
    apart = Judgement.on("c", "e", Verdict.DIFFERENT)
    said = [Message(topics.judgements.name, apart.key, apart.to_bytes())]
    for name, topic, (left, right) in (
        ("g1", topics.matches.name, (0.9, 0.8)),
        ("g2", Topics(settings.model_copy(update={"generation": "g2"})).shadow_matches.name, (0.8, 0.9)),
    ):
        there = {"c": (match("d", left),), "d": (match("c", left), match("e", right)), "e": (match("d", right),)}
        events = [MatchEvent(one, 9, name, "why", some) for one, some in there.items()]
        said += [Message(topic, one.listing_id.encode(), one.to_bytes()) for one in events]
    async with Publisher(settings) as publisher:
        await publisher.publish_all(said)
    found = await read_difference(settings, "g2")
    assert [one.parts for one in found.products.split] == [(("c",), ("d",))]


async def test_what_can_not_be_compared_is_refused(settings):
    with pytest.raises(UnknownGenerationError, match=r"generation 'g3'.*'g1', 'g2'.*reindex start g3"):
        await read_difference(settings, "g3")
    with pytest.raises(GenerationInUseError, match="'g1': live"):
        await read_difference(settings, "g1")
    await write_live(settings, Live(generation="g2", previous="g1", promotion=1))
    with pytest.raises(GenerationInUseError, match=r"live until 'g2' was promoted.*reindex rollback"):
        await read_list_difference(settings, "g1")
    await write_live(settings, Live(generation="", coming="g2", previous="g1"))
    with pytest.raises(GenerationInUseError, match="about to be"):
        await read_difference(settings, "g2")


def test_the_command_prints_figures_examples_and_what_to_do_next(command):
    done = command.run("reindex", "diff", "g2", "--label", "product")
    assert done.code == 0, done.err
    assert "1 lost" in done.out
    assert "66.67%" in done.out
    assert "c 'Lamp <b>' + d 'A lamp'" in done.out
    assert "\x1b" not in done.out
    assert "is behind (embed 7" in done.err
    assert "1 of 1" in done.out
    assert done.out.rstrip().splitlines()[-1].startswith("Next: wait until it is through")


def test_the_page_and_the_document(command, tmp_path):
    done = command.run("reindex", "diff", "g2", "--json", "-o", "report.html")
    assert done.code == 0, done.err
    found = orjson.loads(done.out)
    assert found["pairs"]["share"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["judgements"]["disagreements"][0]["listing_ids"] == ["a", "b"]
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "data:image/jpeg;base64," in html
    assert "Lamp &lt;b&gt;" in html
    assert "wrote report.html" in done.err


def test_labels_from_a_file(command, tmp_path):
    lines = [_listing("c", {"title": "x", "truth": "1"}), _listing("d", {"title": "x", "truth": "2"})]
    (tmp_path / "labels.jsonl").write_bytes(b"\n".join(lines))
    done = command.run("reindex", "diff", "g2", "--json", "--label", "truth", "--labels", "labels.jsonl")
    assert done.code == 0, done.err
    found = orjson.loads(done.out)["labels"]
    assert (found["live"]["found"], found["generation"]["found"], found["generation"]["right"]) == (0, 1, 0)


def test_a_generation_that_nobody_has_begun_is_said_in_one_line(command):
    done = command.run("reindex", "diff", "g3")
    assert done.code == 1
    assert "generation 'g3'" in done.err
    assert "Traceback" not in done.err


def test_a_label_that_no_listing_has_is_said_in_one_line(command):
    done = command.run("reindex", "diff", "g2", "--label", "nothing")
    assert done.code == 1
    assert "label 'nothing': no listing that both generations have has it" in done.err
