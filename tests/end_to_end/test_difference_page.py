"""The page of `reindex diff` in a real browser: every picture is there, and nothing is wider than the screen."""

from base64 import b64encode
from io import BytesIO

import pytest
from end_to_end.browser import looked_at, needs_browser
from fakes.differences import difference
from PIL import Image

from encoders.metrics.lists import Rates
from streams.reindex.difference.page import chosen, page


@needs_browser
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("title", ["Mug, red", "Supercalifragilistic" * 40, "<script>document.title = 'hi'</script>"])
def test_every_picture_shows_and_nothing_is_wider_than_the_screen(tmp_path, title, width):
    buffer = BytesIO()
    Image.new("RGB", (64, 48), "red").save(buffer, "JPEG")
    photos = {"photo.jpg": f"data:image/jpeg;base64,{b64encode(buffer.getvalue()).decode()}"}
    made = difference(title=title, lag={"match": 1200}, labelled=(Rates(1, 2, 3), Rates(2, 2, 3)))
    file = tmp_path / "report.html"
    file.write_text(page(made, chosen(made, 20), photos), encoding="utf-8")
    pictures, broken, fits = looked_at(file, width)
    assert pictures > 10
    assert (broken, fits) == (0, True)
