"""How generations are shown."""

import io

import orjson
import pytest
from rich.console import Console

from streams.cli import reindex_shown
from streams.cli.reindex_shown import generations, progress_in_words, promotion_in_words, readings, standing, to_json
from streams.events.generations import Generation, Live, Roster, Source, Step
from streams.reindex.progress import Look, Reading

G1 = Generation(name="g1", bundle="demo", digest="d1", begun_at="2026-01-01")
G2 = Generation(
    name="g2",
    bundle="tuned\x1b[31m",
    digest="d2",
    settings={"search_limit": "64"},
    source=Source.EMBEDDINGS,
    origin="g1",
    bounds={0: 7},
    begun_at="2026-01-02",
)
ROSTER = Roster({"g2": G2, "g1": G1}, Live(generation="g1"))
LOOK = Look(
    5.0, "listings", 1_500, 6_000, (Reading("embed", "listings", 4_500, 2), Reading("index", "g2.embeddings", 3, 0))
)


def printed(shown):
    text = io.StringIO()
    Console(file=text, width=200, markup=False).print(shown)
    return text.getvalue()


def test_each_generation_is_a_row_oldest_first_and_can_not_steer_the_terminal():
    _, first, second = printed(generations(ROSTER)).strip().splitlines()
    assert first.split() == ["g1", "live", "demo", "-", "listings", "2026-01-01"]
    assert "\x1b" not in second
    assert "search_limit=64" in second
    assert "embeddings of g1" in second


@pytest.mark.parametrize(
    ("live", "wanted"),
    [
        (None, ["beside"] * 4),
        (Live(generation="a", previous="b"), ["live", "previous", "beside", "beside"]),
        (Live(generation="", coming="c", previous="a"), ["previous", "beside", "coming", "beside"]),
    ],
)
def test_what_each_is_in_a_word(live, wanted):
    assert [standing(live, name) for name in "abcd"] == wanted


def test_a_promotion_that_was_cut_off_says_what_to_run():
    assert promotion_in_words(None) == promotion_in_words(Live(generation="g1")) == ""
    under_way = Live(generation="", coming="g2", previous="g1", step=Step.WITHDRAWING)
    assert promotion_in_words(under_way).endswith("matchstream reindex promote g2")


def test_progress_has_share_rate_and_time_left():
    told = progress_in_words("g2", LOOK, 50.0)
    assert told == "'g2' has 1,500 of 6,000 messages of 'listings' in its index (25%), 50 a second, 1 min 30 s left."
    assert "nothing gets on: no worker runs index" in progress_in_words("g2", LOOK, 0.0)
    done = Look(5.0, "listings", 6_000, 6_000, LOOK.readings)
    assert "(100%); 4503 messages are on their way" in progress_in_words("g2", done, 0.0)


def test_readers_are_rows():
    assert printed(readings(LOOK)).splitlines()[2].split() == ["index", "g2.embeddings", "3", "0"]


def test_the_document_has_all_of_it():
    document = orjson.loads(orjson.dumps(to_json(ROSTER, "g2", LOOK, 50.0)))
    assert document["live"]["generation"] == "g1"
    assert [(one["name"], one["is"], one["bounds"]) for one in document["generations"]] == [
        ("g1", "live", {}),
        ("g2", "beside", {"0": 7}),
    ]
    assert document["filling"]["time_left_s"] == 90
    assert document["filling"]["readers"][1] == {"reader": "index", "topic": "g2.embeddings", "behind": 3, "workers": 0}
    assert orjson.loads(orjson.dumps(to_json(Roster(), "", None, 0.0))) == {
        "live": None,
        "generations": [],
        "filling": None,
    }


class Bars:
    def __init__(self):
        self.shown = []

    def add_task(self, description, **fields):
        self.shown.append((description, fields))
        return 0

    def update(self, _task, **fields):
        self.shown.append(fields)


def test_the_bar_is_of_messages_and_says_who_is_behind():
    bars = Bars()
    bar = reindex_shown.Bar(bars, "g2")
    bar.show(LOOK, 0.0)
    bar.show(LOOK, 50.0)
    assert [one[0] for one in bars.shown if isinstance(one, tuple)] == ["filling 'g2'"]
    assert bars.shown[-1] == {
        "completed": 1_500,
        "total": 6_000,
        "note": "50 a second, 1 min 30 s left; behind: embed 4500, index 3",
    }
