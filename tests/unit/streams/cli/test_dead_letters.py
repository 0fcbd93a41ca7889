from datetime import UTC, datetime

import pytest
import typer

from streams.brokers.dead_letters import DeadLetter
from streams.brokers.topics import StageName
from streams.cli.console import out
from streams.cli.dead_letters import _as_json, _Filter, _moment_ms, _rows, _text, retry, show
from streams.events import Message
from streams.events.headers import Headers
from streams.events.records import dead_letter_headers

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)


def letter(key=b"A", value=b"{", stage="blend", headers=(), timestamp_ms=NOW_MS, **more):
    message = Message("g1.reblend", key, value, 3, 17, 99, {"trace": b"t"})
    told = dead_letter_headers(message, "because", {"stage": stage, "error": "KeyError" if stage else ""})
    told = Headers([*told.pairs, *headers])
    return DeadLetter(Message("dead", key, value, 1, 5, timestamp_ms, told), **more)


@pytest.mark.parametrize(
    ("text", "hours"), [("90m", 1.5), ("2h", 2), ("1d", 24), ("3600s", 1), ("2026-01-02T11:00:00+00:00", 1)]
)
def test_a_moment_is_told_as_an_age_or_as_a_date(text, hours):
    assert _moment_ms(text, NOW) == (NOW.timestamp() - hours * 3600) * 1000


@pytest.mark.parametrize("text", ["", "soon", "2w", "-1h", "99999999999d"])
def test_what_is_no_moment_is_wrong_usage(text):
    with pytest.raises(typer.BadParameter, match="such as 30m"):
        _moment_ms(text, NOW)


def test_letters_are_chosen_by_stage_topic_and_time():
    one = letter()
    assert _Filter.of(None, None, None).takes(one)
    assert _Filter(StageName.BLEND, "g1.reblend", NOW.timestamp() * 1000).takes(one)
    assert not _Filter(StageName.MATCH, None).takes(one)
    assert not _Filter(None, "g1.rematch").takes(one)
    assert not _Filter(None, None, NOW.timestamp() * 1000 + 1).takes(one)


def test_all_that_is_known_is_told_as_json():
    assert _as_json(letter(value=None, retried_at="2026-01-03T00:00:00.000Z")) == {
        "id": "1:5",
        "laid_aside_at": "2026-01-02T12:00:00Z",
        "stage": "blend",
        "topic": "g1.reblend",
        "partition": 3,
        "offset": 17,
        "key": "A",
        "value_bytes": None,
        "error": "KeyError",
        "reason": "because",
        "retried_at": "2026-01-03T00:00:00.000Z",
    }


def test_what_could_not_be_read_names_the_stage_that_reads_the_topic():
    one = letter(stage="", reads="embed")
    assert (one.stage, one.error) == ("embed", "UnreadableEventError")


def test_the_original_is_as_it_came():
    again = letter(key=None, value=b"\xff").original()
    assert again == Message("g1.reblend", None, b"\xff", headers={"trace": b"t"})


@pytest.mark.parametrize("name", ["partition", "offset"])
@pytest.mark.parametrize("number", [b"", b"x", b"-1", b"1.5", b"1_0", "\u0663".encode(), b"\xff", b"9" * 20, None])
def test_a_place_that_is_none_is_told_as_unknown(name, number):
    forged = letter(headers=[(f"matchstream.{name}", number)])
    assert forged.place is None
    assert [_as_json(forged)[one] for one in ("partition", "offset", "reason")] == [None, None, "because"]
    assert _rows([forged]).row_count == 1


@pytest.mark.parametrize("timestamp_ms", [2**63 - 1, -(2**63)])
def test_a_time_beyond_all_calendars_is_told_as_far_as_calendars_go(timestamp_ms):
    assert _as_json(letter(timestamp_ms=timestamp_ms))["laid_aside_at"][:4] in ("9999", "0001")


def test_what_others_wrote_can_not_steer_the_terminal():
    with out.capture() as printed:
        out.print(_rows([letter(key=b"\x1b[2J\n\xff" + b"k" * 100)]))
    assert "\x1b" not in printed.get()
    assert "... (106 bytes)" in printed.get()
    assert _text(b"\xc3\xbc" * 10, 5) == "\u00fc" * 5 + "... (20 bytes)"
    assert _text(b"a\x00b", 5) == "a\ufffdb"


@pytest.mark.parametrize("ids", [["3"], ["3:"], ["a:b"], ["1:2 "]])
def test_an_id_is_a_partition_and_an_offset(ids):
    with pytest.raises(typer.BadParameter, match="such as '3:17' wanted"):
        show(ids[0])


@pytest.mark.parametrize(("ids", "everything"), [(None, False), (["1:2"], True)])
def test_what_to_publish_again_is_said_once(ids, everything):
    with pytest.raises(typer.BadParameter, match="ids or --all wanted"):
        retry(ids, everything=everything)
