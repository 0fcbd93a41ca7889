import orjson
import pytest
from typer.testing import CliRunner

from streams.cli.main import app
from streams.errors import SettingsError
from streams.learning.pair_files import read_pairs
from streams.learning.pairs import labels_of_pairs

LISTINGS = [
    {"listing_id": "a", "title": "Acme desk lamp X5 black", "category": "Home > Lamps"},
    {"listing_id": "b", "title": "acme X5 desk lamp", "category": "lamps"},
    {"listing_id": "c", "title": "Globex hammer drill 500W", "category": "Tools > Drills"},
    {"listing_id": "d", "title": "Acme lamp X5 spare bulb", "category": "Home > Bulbs"},
]
SEARCHES = [
    *(("s1", "acme lamp X5", "abcd"), ("s2", "ACME  lamp x5", "ba"), ("s3", "lamp", "ac")),
    ("robot", "acme lamp x5", "abcd"),
]


def lines(values):
    return b"".join(orjson.dumps(one) + b"\n" for one in values)


def clicks(searches):
    return [{"session": s, "query": q, "listing_id": one} for s, q, clicked in searches for one in clicked]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "listings.jsonl").write_bytes(lines(LISTINGS))
    (tmp_path / "clicks.jsonl").write_bytes(lines(clicks(SEARCHES)))
    return tmp_path


def positives(*options, log="clicks.jsonl", output="pairs.jsonl"):
    arguments = ["positives", log, "listings.jsonl", "-o", output, "--session-clicks", "4", *options]
    return CliRunner().invoke(app, arguments)


def failed(*options, **files):
    done = positives(*options, **files)
    assert isinstance(done.exception, SettingsError), done.output
    return str(done.exception)


def test_pairs_are_written_and_told_with_what_each_constraint_took_away(folder):
    (folder / "clicks.jsonl").write_bytes(lines(clicks([*SEARCHES, ("robot", "bulb", "d")])))
    done = positives()
    assert done.exit_code == 0, done.output
    (pair,) = [orjson.loads(line) for line in (folder / "pairs.jsonl").read_bytes().splitlines()]
    # a was clicked in three searches, b in two of them
    assert pair == {"a": "a", "b": "b", "score": pytest.approx(2 / 6**0.5, abs=1e-6), "queries": 1, "sessions": 2}
    counts = [tuple(line.split()[-2:]) for line in done.stdout.splitlines()[2:8]]
    assert counts == [("5", "1"), ("0", "1"), ("0", "1"), ("0", "1"), ("0", "1"), ("0", "1")]
    assert "8 clicks in 4 sessions; left out: 1 session of more than 4 clicks" in done.stderr
    assert "wrote 1 pair of 2 listings to pairs.jsonl" in done.stdout
    assert "Next: matchstream train listings.jsonl --pairs pairs.jsonl" in done.stdout
    assert labels_of_pairs(read_pairs(folder / "pairs.jsonl").same) == {"a": "a", "b": "a"}


def test_broken_lines_are_left_out_and_only_the_first_are_named(folder):
    broken = b"\xef\xbb\xbf{\n" + b'{"session": "s"}\n' * 9
    (folder / "clicks.jsonl").write_bytes(broken + lines(clicks(SEARCHES)))
    done = positives()
    assert done.exit_code == 0
    named = [line for line in done.stderr.splitlines() if line.startswith("line ")]
    assert [line.split(":")[0] for line in named] == ["line 1", "line 2", "line 3", "line 4", "line 5"]
    assert "file 'clicks.jsonl': 10 broken lines are left out" in done.stderr


def test_categories_need_not_be_the_same_if_nobody_cares(folder):
    assert positives("--any-category", "--sessions", "1", "--score", "0").exit_code == 0
    assert ("b", "d") in read_pairs(folder / "pairs.jsonl").same


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ["--relevance", "1"],
            "'titles like the query, from 1' left none of 1 pair, at least one pair wanted; lower --re",
        ),
        (["--likeness", "1"], "'titles like each other, from 1' left none of 1 pair"),
        (
            ["--sessions", "4"],
            "'clicked in 4 sessions' left none of 1 pair, at least one pair wanted; lower --sessions",
        ),
        (["--score", "9"], "'score damped by popularity, from 9' left none of 1 pair"),
    ],
)
def test_the_constraint_that_leaves_nothing_is_named_with_its_remedy(folder, options, said):
    (folder / "pairs.jsonl").write_text("as it was")
    assert f"clicks 'clicks.jsonl': {said}" in failed(*options)
    assert (folder / "pairs.jsonl").read_text() == "as it was"


def test_without_categories_the_remedy_is_any_category(folder):
    (folder / "listings.jsonl").write_bytes(lines({**one, "category": None} for one in LISTINGS))
    assert "'of one leaf category' left none of 6 pairs, at least one pair wanted; use --any-category" in failed()


@pytest.mark.parametrize(
    ("searches", "said"),
    [
        ([], "file 'clicks.jsonl': no line, clicks wanted"),
        ([("s", "?", "ab")], "file 'clicks.jsonl': 2 broken lines and no other"),
        ([("s", "lamp", "xyz")], "only 3 clicks on listings that are not in 'listings.jsonl'"),
        ([("s", "lamp", "abcdx")], "only 1 session of more than 4 clicks, clicks on listings wanted"),
        ([("s1", "lamp", "a"), ("s2", "lamp", "b")], "no two listings clicked under one query in one session"),
    ],
)
def test_a_log_that_can_not_be_used_says_why(folder, searches, said):
    (folder / "clicks.jsonl").write_bytes(lines(clicks(searches)))
    assert said in failed()
    assert not (folder / "pairs.jsonl").exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"log": "missing.jsonl"}, "file 'missing.jsonl': No such file"),
        ({"log": "."}, "file '.': Is a directory"),
        ({"output": "missing/pairs.jsonl"}, "--output 'missing/pairs.jsonl': no folder 'missing'"),
        ({"output": "."}, "--output '.': a folder"),
        ({"output": "/dev/null"}, "--output '/dev/null': no file"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_files_that_can_not_be_used_are_named(files, said):
    assert failed(**files).startswith(said)


def test_what_a_link_points_to_is_replaced_and_nothing_else_is_left(folder):
    (folder / "kept").mkdir()
    (folder / "pairs.jsonl").symlink_to(folder / "kept" / "pairs.jsonl")
    (folder / "kept" / "pairs.jsonl").write_text("old")
    assert positives().exit_code == 0
    assert (folder / "pairs.jsonl").is_symlink()
    assert [one.name for one in (folder / "kept").iterdir()] == ["pairs.jsonl"]
    assert read_pairs(folder / "kept" / "pairs.jsonl").same == [("a", "b")]


@pytest.mark.slow
def test_texts_can_be_compared_by_a_bundles_encoder(folder):
    done = positives("--bundle", "demo")
    assert done.exit_code == 0, done.output
    assert "titles like the query, from 0.4" in done.stdout
    assert read_pairs(folder / "pairs.jsonl").same == [("a", "b")]
