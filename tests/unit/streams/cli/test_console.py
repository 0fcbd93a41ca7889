from io import StringIO

import pytest
from rich.console import Console

from streams.cli import console


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_counts_of_a_progress_bar_are_never_cut(width):
    bars = console.progress_bar()
    bars.add_task("matches coming out", total=20_000, completed=12_345, note="to do: embed 1, index 2, " * 4)
    target = Console(file=StringIO(), width=width, soft_wrap=True)
    target.print(bars.get_renderable())
    assert "12345/20000" in target.file.getvalue()
    assert "matches coming out" in target.file.getvalue()


def test_a_note_is_text_and_no_markup():
    bars = console.progress_bar()
    bars.add_task("x", total=1, note="[red]a[/red]")
    target = Console(file=StringIO(), width=200)
    target.print(bars.get_renderable())
    assert "[red]a[/red]" in target.file.getvalue()


@pytest.mark.parametrize("text", ["shop:smile:1", "[bold]x[/bold]", "a" * 300])
def test_ids_and_titles_are_printed_as_they_are(text):
    target = console._console(StringIO(), stderr=False)
    target.file = StringIO()
    target.print(text)
    assert target.file.getvalue() == f"{text}\n"


def test_what_could_steer_a_terminal_is_replaced():
    assert console.printable("a\x1b[2Jb\nc\u202ed") == "a\ufffd[2Jb\ufffdc\ufffdd"


def test_one_thing_is_not_many():
    assert [console.counted(number, "listing") for number in (0, 1, 2)] == ["0 listings", "1 listing", "2 listings"]
