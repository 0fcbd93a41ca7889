"""A second generation from its beginning to its end, by the commands, with workers of both."""

import signal

import orjson
import pytest
from end_to_end.commands import until
from end_to_end.test_readme import commands, of_matchstream
from fakes.other_bundle import with_matching

from streams.brokers.topics import Topics

pytestmark = [pytest.mark.slow, pytest.mark.kafka]


@pytest.fixture
def live(command, kafka_settings, listings_file, worker, tmp_path):
    """The command, where `g1` is live and has listings; and its worker."""
    here = command.on(kafka_settings.model_copy(update={"generation": "g1"}))
    here = here.with_(attempts_path=tmp_path / "attempts")
    assert here.run("topics", "create").code == 0
    process = worker(here)
    assert here.run("publish", str(listings_file)).code == 0
    return here, process


def status(command, *arguments):
    return orjson.loads(command.run("reindex", "status", *arguments, "--json").out)


def stop(process):
    process.send_signal(signal.SIGTERM)
    assert process.wait(90) == 0


def test_from_start_to_drop(live, worker, kafka_settings, listings):
    command, _ = live
    until(lambda: done(status(command, "g1")["filling"]))
    started = command.run("reindex", "start", "g2", "--set", "search_limit=64")
    assert started.code == 0, started.err
    assert "Began 'g2'" in started.out
    assert "embeddings of 'g1'" in started.out
    assert "matchstream worker --generation g2" in started.out

    waiting = command.run("reindex", "status")
    assert "No worker runs" in waiting.out
    process = worker(command, "--generation", "g2")
    filling = until(lambda: done(status(command)["filling"]))
    assert (filling["name"], filling["share"], filling["total"]) == ("g2", 1.0, len(listings))
    assert all(one["workers"] == 1 for one in filling["readers"])
    watched = command.run("reindex", "status", "g2", "--watch")
    assert watched.out.splitlines()[-1].endswith("matchstream reindex promote g2")

    refused = command.run("reindex", "drop", "g2", "--yes")
    assert refused.code == 1
    assert "workers that run" in refused.err
    stop(process)
    asked = command.run("reindex", "drop", "g2")
    assert asked.code == 1
    dropped = command.run("reindex", "drop", "g2", "--yes")
    assert dropped.code == 0, dropped.err
    assert f"Dropped 'g2': {len(Topics(kafka_settings).internal())} topics and its collection." in dropped.out
    assert [one["name"] for one in status(command)["generations"]] == ["g1"]


def test_a_new_bundle_goes_live_as_the_readme_says(live, worker, bundle):
    command, _ = live
    begin, *then = [words for words in of_matchstream(commands()) if words[0] == "reindex"]
    with_matching(bundle, command.folder / "bundles" / "ours", list_limit=49)
    until(lambda: done(status(command, "g1")["filling"]))
    assert command.run(*begin).code == 0
    worker(command, "--generation", "tuned")
    until(lambda: done(status(command, "tuned")["filling"]))
    for words in then:
        run = command.run(*words)
        assert (run.code, run.err if run.code else "") == (0, ""), words
    assert (command.folder / "difference.html").is_file()
    live_now = status(command)["live"]
    assert (live_now["generation"], live_now["previous"], live_now["step"]) == ("tuned", "g1", "settled")
    back = command.run("reindex", "rollback")
    assert back.code == 0, back.err
    assert "generation 'g1' is live" in back.out


def done(filling):
    """What the status says, once nothing is behind, and everything is read: who has nothing to do may join last."""
    through = filling["total"] and not filling["behind"] and filling["share"] == 1.0
    return filling if through and all(one["workers"] for one in filling["readers"]) else None


def test_a_worker_of_a_generation_that_nobody_began_says_what_to_do(live):
    command, process = live
    until(lambda: status(command, "g1")["live"])
    refused = command.run("worker", "--generation", "g7")
    assert refused.code == 1
    (line,) = refused.err.splitlines()
    assert "'g7'" in line
    assert "'g1'" in line
    assert line.endswith("'matchstream reindex start g7'")
    stop(process)
