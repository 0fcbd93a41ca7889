import pytest

from streams.cli import console, failures
from streams.cli.main import _without_debug


@pytest.mark.parametrize(
    ("arguments", "left", "debug"),
    [
        (["match", "f"], ["match", "f"], False),
        (["--debug", "match", "f"], ["match", "f"], True),
        (["match", "f", "--debug"], ["match", "f"], True),
        (["withdraw", "--", "--debug"], ["withdraw", "--", "--debug"], False),
        (["withdraw", "--debug", "--", "--debug"], ["withdraw", "--", "--debug"], True),
        ([], [], False),
    ],
)
def test_debug_is_taken_out_wherever_it_stands(arguments, left, debug):
    assert _without_debug(arguments) == (left, debug)


def test_what_nobody_foresaw_is_one_line_that_says_how_to_learn_more(capsys, monkeypatch):
    monkeypatch.setattr(failures, "err", console.Console(stderr=True, soft_wrap=True, markup=False))
    failures.say(KeyError, KeyError("two\nlines"), None)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: unexpected KeyError: ")
    assert "--debug" in line
