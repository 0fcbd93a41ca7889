"""The evaluation's page in a real browser: every picture is there, and nothing is wider than the screen."""

import pytest
from end_to_end.browser import looked_at, needs_browser
from end_to_end.commands import write_lines
from PIL import Image


@pytest.fixture
def page(command):
    """The page of a small catalogue with photos, some of whose pairs are matched wrongly."""
    listings = []
    for number in range(24):
        name = f"{number}.png"
        Image.new("RGB", (64, 48), (10 * number, 80, 120)).save(command.folder / name)
        title = f"mug {'red' if number % 2 else 'blue'} {number // 4}"
        listings.append({"listing_id": f"l{number}", "title": title, "image": name, "product": f"p{number // 3}"})
    file = write_lines(command.folder / "labelled.jsonl", listings)
    done = command.run("evaluate", str(file), "--label", "product", "--images", ".", "-o", "report", timeout_s=180)
    assert done.code == 0, done.err
    return command.folder / "report" / "report.html"


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
def test_every_picture_shows_and_nothing_is_wider_than_the_screen(page, width):
    pictures, broken, fits = looked_at(page, width)
    assert pictures > 3
    assert (broken, fits) == (0, True)
