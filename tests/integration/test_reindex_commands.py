"""What the commands of `reindex` print, in this process, on a real broker."""

import asyncio

import orjson
import pytest
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from streams.brokers.admin import create_topics
from streams.brokers.roster import write_live
from streams.brokers.topics import Topics
from streams.cli.main import app
from streams.events.generations import Live
from streams.reindex.joining import ensure_on_roster
from streams.settings import environment_of

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


@pytest.fixture
def settings(kafka_settings, tmp_path, monkeypatch):
    """Those of a live generation `g1`."""
    monkeypatch.chdir(tmp_path)
    here = kafka_settings.model_copy(update={"generation": "g1", "index_path": tmp_path / "index"})

    async def begin():
        await create_topics(here)
        await ensure_on_roster(here, read_bundle(here.bundle))

    asyncio.run(begin())
    return here


@pytest.fixture
def run(settings):
    def typed(text, **options):
        return CliRunner().invoke(app, ["reindex", *text.split()], env=environment_of(settings), **options)

    return typed


def test_start_status_and_drop_say_what_they_did_and_what_is_next(run, settings):
    started = run("start g2 --set search_limit=64")
    assert started.exit_code == 0, started.exception
    assert "Began 'g2' with bundle 'demo'." in started.output
    assert "It has search_limit=64." in started.output
    assert "Next: matchstream worker --generation g2" in started.output
    assert "nothing was left to do" in run("start g2").output

    shown = run("status").output
    assert "No worker runs embed" in shown
    assert "g2" in shown
    told = orjson.loads(run("status --json").stdout)
    assert [(one["name"], one["is"]) for one in told["generations"]] == [("g1", "live"), ("g2", "beside")]
    assert told["filling"]["name"] == "g2"
    assert orjson.loads(run("status g1 --json").stdout)["filling"]["name"] == "g1"

    assert run("drop g2", input="n\n").exit_code == 1
    topics = len(Topics(settings).internal())
    assert f"Dropped 'g2': {topics} topics and no collection." in run("drop g2", input="y\n").output
    assert orjson.loads(run("status --json").stdout)["filling"] is None


def test_dropping_the_previous_one_says_that_there_is_no_way_back(run, settings):
    run("start g2 --from listings")
    asyncio.run(write_live(settings, Live(generation="g2", previous="g1", promotion=1)))
    assert "'matchstream reindex rollback' has nothing to go back to" in run("drop g1 --yes").output


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("start G2", "name of a generation"),
        ("start g2 --bundle /nowhere", "/nowhere"),
        ("start g2 --set brokers=elsewhere", "'--set'"),
        ("start g1 --from embeddings", "begun already"),
        ("drop g1 --yes", "the live one"),
        ("drop g7 --yes", "'g7'"),
        ("status g7", "'g7'"),
    ],
)
def test_bad_input_is_refused(run, typed, told):
    refused = run(typed)
    assert refused.exit_code == 1
    assert told in str(refused.exception)
