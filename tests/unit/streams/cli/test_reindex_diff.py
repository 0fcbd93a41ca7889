"""What `matchstream reindex diff` prints, and what it refuses before it reads anything."""

import io

import pytest
from fakes.differences import difference
from rich.console import Console
from typer.testing import CliRunner

from encoders.metrics.lists import Rates
from streams.cli import console, reindex_diff_shown
from streams.cli.main import app
from streams.cli.reindex_diff_shown import following, say, warn_of
from streams.errors import SettingsError
from streams.reindex.difference.difference import Listed


@pytest.fixture
def printed(monkeypatch):
    """Gives what something prints, on either stream."""
    text = io.StringIO()
    here = Console(file=text, width=200, markup=False, soft_wrap=True)
    monkeypatch.setattr(reindex_diff_shown, "out", here)
    monkeypatch.setattr(console, "err", here)

    def run(shown, made):
        shown(made)
        return text.getvalue()

    return run


def test_figures_categories_judgements_labels_and_examples(printed):
    said = printed(say, difference(groups=12, labelled=(Rates(30, 40, 60), Rates(35, 38, 60))))
    rows = {line.split("  ")[0]: line.split() for line in said.splitlines() if line}
    assert rows["pairs"] == ["pairs", "36", "36"]
    assert rows["share of pairs that would change"][-1] == "50.00%"
    assert rows["Mugs"] == ["Mugs", "12", "12", "4", "4", "50.00%"]
    assert "2 pairs judged same, 1 different" in said
    assert "0.667 (0.094 to 0.992; 2 of 3)" in said
    assert rows["pair precision"] == ["pair", "precision", "0.750", "0.921"]
    assert "l00a 'Mug, red' + l00c 'Mug, red'" in said
    assert "g1: matched, 0.910 (combined>=0.85); g2: to be reviewed, 0.710 (0.65<=combined<0.85)" in said
    assert "4 listings (2 + 2): l00a 'Mug, red' | l00c 'Mug, red'" in said
    assert "and 7 more" in said


def test_titles_can_not_steer_the_terminal(printed):
    listings = {"l00a": Listed("red\x1b[31m\nline", "a\x1bb")}
    said = printed(say, difference(listings=listings))
    assert "\x1b" not in said
    assert "red\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}line" in said


def test_where_nothing_would_change_little_is_said(printed):
    said = printed(say, difference(groups=0, judged=()))
    assert "0.00%" in said
    assert len([line for line in said.splitlines() if line.strip()]) == 9


def test_what_makes_the_comparison_less_is_warned_of(printed):
    said = printed(warn_of, difference(lag={"index": 3, "match": 7}, told_by_others=1))
    assert "'g2' is behind (index 3, match 7)" in said
    assert "1 list of 'g1' last told by another generation" in said


def test_nothing_to_warn_of_is_nothing_said(printed):
    assert printed(warn_of, difference()) == ""


@pytest.mark.parametrize(
    ("changes", "output", "next_"),
    [
        ({}, None, "-o report.html"),
        ({}, "a b.html", "open 'a b.html', then matchstream reindex promote g2"),
        ({"lag": {"match": 1}}, None, "matchstream reindex status g2"),
        ({"groups": 0}, None, "matchstream reindex promote g2; no list would change"),
    ],
)
def test_what_to_do_next(changes, output, next_):
    assert next_ in following(difference(**changes), output)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--labels", "x.jsonl"), "no field, the one with the product wanted"),
        (("--labels", "x.jsonl", "--label", "product"), "x.jsonl"),
        (("-o", "nowhere/report.html"), "no folder 'nowhere'"),
        (("-o", "."), "a folder, a file in an existing folder wanted"),
    ],
)
def test_what_can_not_be_read_or_written_is_said_before_the_work(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["reindex", "diff", "g2", *options])
    assert isinstance(done.exception, SettingsError)
    assert said in str(done.exception)
