"""Looking at a page in a real browser."""

import re
import shutil
import subprocess

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
LOOK = """<script>addEventListener('load', () => {
  const broken = [...document.images].filter(one => !one.naturalWidth).length
  const wide = document.documentElement.scrollWidth > window.innerWidth
  document.title = `${document.images.length} pictures, ${broken} broken, ${wide ? 'too wide' : 'fits'}`
})</script></body>"""

needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium here")


def looked_at(page, width):
    """How many pictures a page has, how many of them are broken, and whether it fits a screen so wide."""
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
    return int(pictures), int(broken), fits == "fits"
