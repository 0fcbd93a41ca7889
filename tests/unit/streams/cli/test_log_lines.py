"""Logs for programs: each record one JSON object, with the fields it was given and no secret."""

import logging
import re
import sys

import numpy as np
import orjson
import pytest

from streams.cli.failures import log_failure
from streams.cli.logs import log_as_worker
from streams.errors import SettingsError

PLANTED = 'hu"sh\n'

pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.fixture(autouse=True)
def _planted(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MATCHSTREAM_KAFKA_PASSWORD", PLANTED)


@pytest.fixture
def said(capsys):
    return lambda: [orjson.loads(line) for line in capsys.readouterr().err.splitlines()]


def log():
    log_as_worker("INFO", debug=False, as_json=True)
    return logging.getLogger("streams.worker")


def fail(error):
    raise error


def test_a_record_is_an_object_with_its_fields(said):
    log().info("a line\nof %d", 2, extra={"stage": "embed", "offsets": {"0": [1, 2]}, "seconds": 0.5, "none": None})
    (line,) = said()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {
        "level": "INFO",
        "logger": "streams.worker",
        "message": "a line of 2",
        "stage": "embed",
        "offsets": {"0": [1, 2]},
        "seconds": 0.5,
        "none": None,
    }


def test_what_json_has_no_words_for_is_told_in_ours(said):
    odd = {"big": 1 << 70, "torn": "\udcff", "nan": float("nan"), "set": {1}, 3: (b"x", True)}
    log().info("odd", extra={"odd": odd})
    assert said()[0]["odd"] == {"big": str(1 << 70), "torn": "?", "nan": None, "set": "{1}", "3": ["b'x'", True]}


def test_numbers_of_numpy_are_numbers(said):
    log().info("odd", extra={"score": np.float64(0.5), "half": np.float32(0.25), "count": np.int64(3), "is": np.True_})
    (line,) = said()
    assert [line[name] for name in ("score", "half", "count", "is")] == [0.5, 0.25, 3, "True"]


def test_secrets_are_in_no_field(said):
    fields = {"plain": PLANTED, "in": [f"x{PLANTED}"], PLANTED: {"deep": repr(PLANTED)}, "url": "http://me:pw@host/"}
    try:
        fail(ValueError(PLANTED))
    except ValueError:
        log().exception("no %s", PLANTED, extra=fields)
    (line,) = said()
    assert "hu" not in re.sub(r"Traceback.*", "", str(line))
    assert line["plain"] == "********"
    assert line["url"] == "http://host/"
    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ValueError: ********")


def test_the_end_of_a_worker_is_a_record_too(said):
    log()
    log_failure(SettingsError, SettingsError("setting X", got="a", wanted="b", remedy="c"), None)
    try:
        fail(KeyError("nobody foresaw it"))
    except KeyError:
        log_failure(*sys.exc_info())
    foreseen, other = said()
    assert (foreseen["level"], foreseen["error"]) == ("CRITICAL", "SettingsError")
    assert foreseen["message"].startswith("error: setting X")
    assert "exception" not in foreseen
    assert other["message"] == "error: unexpected KeyError: 'nobody foresaw it'"
    assert "nobody foresaw it" in other["exception"]


def test_people_see_some_of_the_listings_of_a_record(capsys):
    log_as_worker("INFO", debug=False)
    for count in (1, 3, 64):
        logging.getLogger("streams").info("done", extra={"listings": [f"s1-{i}" for i in range(count)]})
    ends = [line.partition("done")[2] for line in capsys.readouterr().err.splitlines()]
    assert ends == [": s1-0", ": s1-0, s1-1, s1-2", ": s1-0, s1-1, s1-2 and 61 more"]
