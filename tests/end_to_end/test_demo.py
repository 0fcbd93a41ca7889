import re

import httpx
import pytest
from end_to_end.commands import finished, interrupt

from encoders.bundle import SHIPPED

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SHIPPED / "demo" / "manifest.json").is_file(), reason="no bundle 'demo' ships"),
]


def figures(out):
    """The rows of the summary: name to the first number."""
    names = "listings|pairs right|pairs wrong|pairs missed|speed"
    return {name: float(value) for name, value in re.findall(rf"^({names})\s+([\d.]+)", out, re.MULTILINE)}


def test_the_demo_ends_after_its_summary(command):
    result = command.run("demo", "--products", "12", "--exit", timeout_s=180)
    assert result.code == 0, result.err
    found = figures(result.out)
    assert found["listings"] > 12
    assert found["pairs right"] > found["pairs wrong"]
    assert found["speed"] > 0
    assert "What to try next" in result.out
    assert result.out.rstrip().splitlines()[-1].endswith("everything else")


def test_the_demo_goes_on_with_its_page_until_it_is_interrupted(command):
    process = command.with_(web_port=0).start("demo", "--products", "4")  # 8000 may be about to be another test's
    for line in process.stdout:
        if found := re.match(r"Watch it in a browser: (http://\S+)", line):
            page = found[1]
        if "Still running" in line:
            break
    products = httpx.get(f"{page}/products", timeout=30).json()
    assert products["products"]
    assert "script-src 'self'" in httpx.get(page, timeout=30).headers["Content-Security-Policy"]
    interrupt(process)
    result = finished(process)
    assert result.code == 130
    assert "Traceback" not in result.err
