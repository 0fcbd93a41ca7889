"""`matchstream review` and `calibrate --judgements` over the topics of an embedded broker."""

import asyncio
from hashlib import blake2b

import orjson
import pytest
from fakes.judged_shop import judge_some, judges
from fakes.web import Shop
from typer.testing import CliRunner

from encoders.bundle import LexicalSpec, Manifest, read_bundle, write_bundle
from streams.brokers.admin import create_topics
from streams.brokers.producer import Publisher
from streams.brokers.topics import Topics
from streams.cli.main import app
from streams.errors import MatchstreamError
from streams.events import Message
from streams.learning.pair_files import read_pairs
from streams.matching.auditing import by_lot
from streams.settings import environment_of


class RememberingShop(Shop):
    """One that knows what came on the topics."""

    def __post_init__(self):
        self.heard = []
        super().__post_init__()

    def hears(self, kind, *messages):
        self.heard += [(kind, message) for message in messages]
        super().hears(kind, *messages)


@pytest.fixture
def shop(tmp_path):
    return RememberingShop(tmp_path / "shop")


@pytest.fixture
def published(embedded_settings, monkeypatch, tmp_path):
    """Gives what puts all that a shop heard on the topics; the command then reads these."""
    monkeypatch.chdir(tmp_path)
    for name, value in environment_of(embedded_settings).items():
        monkeypatch.setenv(name, value)

    async def publish(shop):
        await create_topics(embedded_settings)
        async with Publisher(embedded_settings) as publisher:
            topics = Topics(embedded_settings)
            records = [Message(kind.topic(topics), one.key, one.value) for kind, one in shop.heard]
            await publisher.publish_all(records)

    return lambda shop: asyncio.run(publish(shop))


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def error_of(result):
    assert isinstance(result.exception, MatchstreamError), result.output
    return str(result.exception)


def test_figures_are_those_of_the_page(shop, published):
    judge_some(shop)
    published(shop)
    told = run("review", "figures", "--json")
    assert told.exit_code == 0, told.output
    assert orjson.loads(told.stdout) == shop.client().get("/figures").json()
    words = run("review", "figures", "--target-precision", "0.5").output
    assert "0.800 (0.284 to 0.995)" in words
    assert "A precision of 0.5 is not shown yet" in words
    assert "ann and eva" in words
    assert "not at this rate" in run("review", "figures").output


def test_figures_of_topics_that_nobody_wrote_to_say_what_to_do(shop, published):
    published(shop)
    told = run("review", "figures", "--target-precision", "0.95").output
    assert "about 59 more audited pairs" in told
    assert "/review?queue=audit" in told


def test_judgements_are_exported_as_pairs_to_learn_from(shop, published, tmp_path):
    judge_some(shop)
    published(shop)
    told = run("review", "export", "-o", "pairs.jsonl")
    assert told.exit_code == 0, told.output
    assert "wrote 6 pairs (5 same, 1 different, 0 unsure)" in told.output
    lines = [orjson.loads(line) for line in (tmp_path / "pairs.jsonl").read_bytes().splitlines()]
    mugs = {"a": "p", "b": "q", "verdict": "same", "by": "ben", "at": "2026-01-02T00:00:00Z", "votes": 1}
    assert lines[-1] == mugs
    assert len(read_pairs(tmp_path / "pairs.jsonl").different) == 1
    assert run("review", "export", "-o", "mugs.jsonl", "--category", "MUGS").exit_code == 0
    assert read_pairs(tmp_path / "mugs.jsonl").same == [("p", "q")]
    assert "none of 6 pairs" in error_of(run("review", "export", "-o", "none.jsonl", "--min-votes", "2"))
    assert not (tmp_path / "none.jsonl").exists()


def words_of(number):
    return " ".join(blake2b(f"{number}-{place}".encode(), digest_size=4).hexdigest() for place in range(3))


def write_catalogue(folder, products):
    matching = {"weights": {"lexical": 1}, "match_threshold": 0.5, "blend": {"neighbors": 0, "threshold": 0.5}}
    write_bundle(folder / "words", Manifest(lexical=LexicalSpec(), matching=matching), {})
    rows = [
        {"listing_id": f"{seller}{number:03}", "title": f"{words_of(number)} {end}"}
        for number in range(products)
        for seller, end in (("a", "lamp"), ("b", "lamp new"))
    ]
    (folder / "all.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return by_lot((f"a{number:03}", f"b{number:03}") for number in range(products))


def test_thresholds_come_from_what_people_said_on_the_topic(shop, published, tmp_path):
    pairs = write_catalogue(tmp_path, 60)
    for pair in pairs[:50]:
        judges(shop, *pair, "same")
    published(shop)
    calibrate = ("calibrate", "all.jsonl", "--bundle", "words", "--judgements")
    told = run(*calibrate, "topic", "--target-precision", "0.8", "-o", "safe")
    assert told.exit_code == 0, told.output
    assert "by the audit: 50 pairs of 50 judged ones" in told.output
    written = read_bundle(tmp_path / "safe")
    assert 0.5 <= written.matching["match_threshold"] <= 1
    assert written.provenance["calibration"]["labels"]["sample"] == "audit"
    assert "audited pairs: 50 verdicts" in error_of(run(*calibrate, "topic"))
    assert run("review", "export", "-o", "pairs.jsonl").exit_code == 0
    again = run(*calibrate, "pairs.jsonl", "--target-precision", "0.8", "-o", "again")
    assert again.exit_code == 0, again.output
    assert read_bundle(tmp_path / "again").digest == written.digest


def test_labels_or_judgements_are_wanted_not_both(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert "options --label and --judgements: neither" in error_of(run("calibrate", "all.jsonl"))
    both = run("calibrate", "all.jsonl", "--label", "product", "--judgements", "topic")
    assert "options --label and --judgements: both" in error_of(both)


@pytest.mark.parametrize("target", ["0", "1", "nan"])
def test_a_target_that_is_no_share_is_told(target):
    assert "--target-precision" in error_of(run("review", "figures", "--target-precision", target))
