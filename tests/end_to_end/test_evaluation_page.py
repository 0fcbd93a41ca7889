"""The evaluation's page in a real browser: every picture is there, and nothing is wider than the screen."""

import re
import shutil
import subprocess

import pytest
from end_to_end.commands import write_lines
from PIL import Image

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOOK = """<script>addEventListener('load', () => {
  const broken = [...document.images].filter(one => !one.naturalWidth).length
  const wide = document.documentElement.scrollWidth > window.innerWidth
  document.title = `${document.images.length} pictures, ${broken} broken, ${wide ? 'too wide' : 'fits'}`
})</script></body>"""


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


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here")
@pytest.mark.parametrize("width", [390, 1280])
def test_every_picture_shows_and_nothing_is_wider_than_the_screen(page, width):
    looking = page.with_name("looking.html")
    looking.write_text(page.read_text(encoding="utf-8").replace("</body>", LOOK), encoding="utf-8")
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--virtual-time-budget=5000",
        f"--window-size={width},900",
    ]
    seen = subprocess.run(
        [BROWSER, *options, "--dump-dom", looking.as_uri()], capture_output=True, text=True, timeout=120, check=True
    )
    pictures, broken, fits = re.search(r"<title>(\d+) pictures, (\d+) broken, (.+?)</title>", seen.stdout).groups()
    assert int(pictures) > 3
    assert (broken, fits) == ("0", "fits")
