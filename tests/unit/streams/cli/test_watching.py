from contextlib import suppress
from io import StringIO

import pytest
from rich.console import Console

from streams.cli import console
from streams.cli.watching import RunProgress


class CutShortError(Exception):
    pass


@pytest.fixture
def printed(monkeypatch):
    """What the bars leave behind."""
    target = Console(file=StringIO(), width=200)
    monkeypatch.setattr(console, "err", target)
    return target.file.getvalue


def test_the_end_leaves_full_bars_and_no_note(printed):
    with RunProgress(3, 3) as progress:
        progress.published(3)
        progress.told(1)  # the other two have no match and nobody tells of them
        progress.behind({"blend": 40, "match": 0})
    assert printed().count("3/3") == 2
    assert "blend" not in printed()


def test_an_error_leaves_the_bars_where_they_were(printed):
    with suppress(CutShortError), RunProgress(3, 3) as progress:
        progress.published(2)
        progress.told(1)
        raise CutShortError
    assert "2/3" in printed()
    assert "1/3" in printed()
