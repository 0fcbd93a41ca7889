import resource
import signal

import pytest
from end_to_end.commands import write_lines

pytestmark = pytest.mark.slow


@pytest.fixture
def files(command):
    listings = [
        {"listing_id": f"{one}{n}", "title": f"acme lamp x{n}", "category": "lamps"} for one in "ab" for n in range(60)
    ]
    clicks = [
        {"session": f"{session}-{n}", "query": f"lamp x{n}", "listing_id": f"{one}{n}"}
        for n in range(60)
        for session in range(2)
        for one in "ab"
    ]
    return write_lines(command.folder / "clicks.jsonl", clicks), write_lines(
        command.folder / "listings.jsonl", listings
    )


@pytest.mark.usefixtures("files")
def test_as_typed(command):
    result = command.run("positives", "clicks.jsonl", "listings.jsonl", "-o", "pairs.jsonl")
    assert (result.code, result.err.splitlines()[0]) == (0, "240 clicks in 120 sessions")
    assert "wrote 60 pairs of 120 listings to pairs.jsonl" in result.out
    first = (command.folder / "pairs.jsonl").read_text().splitlines()[0]
    assert first == '{"a":"a0","b":"b0","score":1.0,"queries":1,"sessions":2}'


def test_what_it_does_is_said(command):
    result = command.run("positives", "--help")
    assert result.code == 0
    for word in ("CLICKS", "LISTINGS", "--any-category", "--relevance", "--likeness", "--bundle", "docs/clicks.md"):
        assert word in result.out


@pytest.mark.usefixtures("files")
def test_nothing_that_can_be_used_is_one_line(command):
    result = command.run("positives", "clicks.jsonl", "listings.jsonl", "-o", "pairs.jsonl", "--sessions", "3")
    assert result.code == 1
    assert result.err.splitlines()[-1] == (
        "error: clicks 'clicks.jsonl': 'clicked in 3 sessions' left none of 60 pairs, at least one pair wanted; "
        "lower --sessions"
    )


def small_files_only():
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


@pytest.mark.usefixtures("files")
def test_a_disk_that_is_full_leaves_what_was_there(command):
    (command.folder / "pairs.jsonl").write_text("as it was")
    before = sorted(command.folder.iterdir())
    result = command.run(
        "positives", "clicks.jsonl", "listings.jsonl", "-o", "pairs.jsonl", preexec_fn=small_files_only
    )
    assert result.code == 1
    assert result.err.splitlines()[-1].startswith("error: --output 'pairs.jsonl': File too large")
    assert (command.folder / "pairs.jsonl").read_text() == "as it was"
    assert sorted(command.folder.iterdir()) == before
