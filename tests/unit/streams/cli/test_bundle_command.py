import io
from dataclasses import replace

import orjson
import pytest
from rich.console import Console
from typer.testing import CliRunner

from encoders.bundle import SHIPPED, LexicalSpec, Manifest, TextSpec, read_bundle, write_bundle
from encoders.errors import BundleError
from encoders.types import Modality
from streams.cli import bundle_shown
from streams.cli.main import app

WORDS = Manifest(
    lexical=LexicalSpec(),
    matching={"weights": {"lexical": 1}, "match_threshold": 0.7},
    provenance={"command": ["matchstream", "fit", "my file.jsonl"], "metrics": {"recall": 0.5}},
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """A folder with two bundles that know words alone, and some listings."""
    monkeypatch.chdir(tmp_path)
    write_bundle(tmp_path / "words", WORDS, {"notes.txt": b"notes"})
    write_bundle(tmp_path / "others", replace(WORDS, lexical=LexicalSpec(word_share=1.0), provenance={}), {})
    lines = [{"listing_id": f"l{i}", "title": f"lampshade{i % 6} shader{i // 6}"} for i in range(24)]
    (tmp_path / "listings.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    return tmp_path


def run(*arguments):
    result = CliRunner().invoke(app, ["bundle", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_bundle_is_shown_in_words():
    shown = run("show", "words")
    for told in ("words and runs of 4 characters", "lexical alone", "from similarity 0.7", "notes.txt", "recall 0.5"):
        assert told in shown
    assert "matchstream fit 'my file.jsonl'" in shown


def test_without_a_name_the_bundle_of_the_settings_is_shown(monkeypatch):
    monkeypatch.setenv("MATCHSTREAM_BUNDLE", "others")
    assert "others" in run("show")
    assert orjson.loads(run("show", "--json"))["name"] == "others"


def test_a_bundle_that_ships_is_shown_with_all_that_it_is_based_on():
    shown = run("show", "demo")
    for told in ("mobilenet_v3_small", "939,120", "scorer.txt", "probability 0.4792", "'demo-trained'", "image_recall"):
        assert told in shown


def test_a_bundle_as_json_says_everything_in_full():
    (line,) = run("show", "demo", "--json").splitlines()
    shown = orjson.loads(line)
    bundle = read_bundle("demo")
    assert shown["digest"] == bundle.digest
    assert shown["provenance"] == bundle.provenance
    assert shown["matching"] == bundle.matching
    assert shown["files"]["scorer.txt"] == {"digest": bundle.files["scorer.txt"], "bytes": 192625}
    assert shown["encoders"]["image"]["dimensions"] == 576
    assert shown["encoders"]["text"]["parameters"] is None
    assert shown["path"] == str(SHIPPED / "demo")


def test_what_cannot_be_used_or_was_not_learned_is_said(here):
    write_bundle(here / "bad", replace(WORDS, matching={"match_threshold": 7}), {})
    write_bundle(here / "bare", replace(WORDS, matching={}, provenance={}), {})
    assert "not at all: bundle 'bad': matching.match_threshold" in run("show", "bad")
    assert "by the defaults" in run("show", "bare")
    assert "unknown" in run("show", "bare")


def test_libraries_of_another_major_version_are_said(here):
    write_bundle(here / "old", replace(WORDS, provenance={"libraries": {"torch": "0.4"}}), {})
    assert "it was made with 0.4, so rows may differ" in run("show", "old")
    assert orjson.loads(run("show", "old", "--json"))["other_versions"]["torch"]["made"] == "0.4"


def test_what_others_wrote_does_not_steer_the_terminal(here):
    hostile = "\x1b[2J\nred [bold]"
    provenance = {hostile: hostile, "command": [hostile], "base": {"name": hostile, "digest": hostile}}
    manifest = replace(WORDS, text=TextSpec(hostile), dimensions={Modality.TEXT: 4}, provenance=provenance)
    write_bundle(here / "hostile", manifest, {})
    for shown in (run("show", "hostile"), run("compare", "words", "hostile")):
        assert "\x1b" not in shown
        assert "red [bold]" in shown


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_cut_off_where_it_is_narrow(monkeypatch, width):
    stream = io.StringIO()
    monkeypatch.setattr(bundle_shown, "out", Console(file=stream, width=width, soft_wrap=True, markup=False))
    bundle_shown.say(read_bundle("demo"))
    shown = stream.getvalue()
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= width
    assert "all-MiniLM-L6-v2" in "".join(shown.split())


def test_equal_bundles_are_equal():
    assert "equal, file by file" in run("compare", "words", "words")
    assert orjson.loads(run("compare", "words", "words", "--json"))["equal"]


def test_other_encoders_mean_that_everything_is_encoded_again():
    shown = run("compare", "words", "others")
    assert "From A to B every listing has to be encoded again: lexical." in shown
    assert "word_share" in shown
    assert "recall" in shown
    assert "/others MATCHSTREAM_GENERATION=g2 matchstream worker" in shown
    told = orjson.loads(run("compare", "words", "others", "--json"))
    assert told["reindex"]
    assert told["encode_again"] == ["lexical"]
    assert {"path": ["lexical", "word_share"], "first": 0.3, "second": 1.0} in told["differences"]
    assert told["metrics"] == {"recall": {"first": 0.5, "second": None}}


def test_other_thresholds_leave_rows_as_they_are(here):
    write_bundle(here / "strict", replace(WORDS, matching=WORDS.matching | {"match_threshold": 0.9}), {})
    assert "nothing has to be encoded again" in run("compare", "words", "strict")
    told = orjson.loads(run("compare", "words", "strict", "--json"))
    assert not told["reindex"]
    assert ["matching", "match_threshold"] in [one["path"] for one in told["differences"]]


def test_what_only_one_encodes_is_said(here):
    write_bundle(here / "more", replace(WORDS, text=TextSpec("some/model"), dimensions={Modality.TEXT: 4}), {})
    assert "Rows that only B has: text" in run("compare", "words", "more")
    back = run("compare", "more", "words")
    assert "Rows that only A has: text" in back
    assert "nothing has to be encoded again, but the index has other rows" in back


def test_a_default_that_one_bundle_spells_out_is_no_difference(here):
    spelled = WORDS.matching | {"list_limit": 50, "combination": "mean"}
    write_bundle(here / "spelled", replace(WORDS, matching=spelled), {"notes.txt": b"notes"})
    assert orjson.loads(run("compare", "words", "spelled", "--json"))["differences"] == []


def test_thresholds_that_cannot_be_used_are_compared_as_they_stand(here):
    write_bundle(here / "bad", replace(WORDS, matching={"x": 1, "y": 2}), {})
    assert "match_threshold" in run("compare", "words", "bad")


def test_listings_tell_how_much_two_bundles_agree():
    shown = run("compare", "words", "others", "--listings", "listings.jsonl", "--sample", "20")
    assert "who is near whom (20 listings)" in shown
    assert "lexical, 20 listings" in shown
    told = orjson.loads(run("compare", "words", "others", "--listings", "listings.jsonl", "--json"))
    assert told["sample"] == 24
    assert told["neighbors"]["lexical"]["listings"] == 24
    assert 0 < told["neighbors"]["lexical"]["shared"] < 1
    same = orjson.loads(run("compare", "words", "words", "--listings", "listings.jsonl", "--json"))
    assert same["neighbors"]["lexical"] == {"listings": 24, "shared": 1.0, "same_nearest": 1.0}


def test_where_no_bundle_is_the_remedy_is_said():
    result = CliRunner().invoke(app, ["bundle", "compare", "words", "nowhere"])
    assert isinstance(result.exception, BundleError)
    assert "give a folder" in str(result.exception)
