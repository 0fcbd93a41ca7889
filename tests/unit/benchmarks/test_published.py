"""The command that measures published models runs: here on tiny ones, whose figures say nothing."""

import json
import random

import orjson
import pytest
from benchmarks import published
from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import save_tiny_clip
from PIL import Image

COLOURS = {"red": (220, 20, 20), "blue": (20, 20, 220), "green": (20, 180, 20)}


@pytest.fixture
def shop(tmp_path):
    """Two listings of each of three products, and one without a photo."""
    lines = []
    for name, colour in COLOURS.items():
        for copy in range(2):
            pixels = Image.new("RGB", (48, 48), colour)
            pixels.putpixel((copy, random.Random(name).randrange(48)), (0, 0, 0))
            pixels.save(tmp_path / f"{name}-{copy}.png")
            said = {"title": f"{name} shoe", "image": f"{name}-{copy}.png", "attributes": {"colour": name}}
            lines.append({"listing_id": f"{name}-{copy}", "product_id": name, **said})
    lines.append({"listing_id": "none", "product_id": "none", "title": "no photo"})
    (tmp_path / "listings.jsonl").write_bytes(b"\n".join(map(orjson.dumps, lines)))
    save_tiny_clip(tmp_path / "clip")
    save_tiny_blip(tmp_path / "blip")
    return tmp_path


def test_figures_of_both_models(shop, capsys):
    clip, blip = str(shop / "clip"), str(shop / "blip")
    listings = ("--listings", str(shop / "listings.jsonl"), "--label", "product_id", "--images", str(shop))
    written = shop / "figures.json"
    published.main(["--joint-model", clip, "--caption-model", blip, *listings, "-o", str(written), "--device", "cpu"])
    found = json.loads(written.read_text())
    assert (found["listings"], found["products"]) == (6, 3)
    # equal photos but for a pixel, and equal titles
    assert found[clip]["a photo finds another of the product"]["recall_at_5"] == 1.0
    own = found[clip]["words find their own photo"]
    assert 0 <= own["recall_at_1"] <= own["recall_at_5"] <= 1
    assert set(found[clip]["tags"]) == {"category", "colour", "material", "pattern", "style", "use"}
    assert found[blip]["captions per second"] > 0
    assert "captions per second" in capsys.readouterr().out


def test_what_is_missing_is_told(shop, capsys):
    listings = ("--listings", str(shop / "listings.jsonl"), "--images", str(shop), "--device", "cpu")
    with pytest.raises(SystemExit, match="none has a label 'sku' and a photo"):
        published.main(["--joint-model", str(shop / "clip"), *listings, "--label", "sku"])
    with pytest.raises(SystemExit, match="matchstream models pull"):
        published.main(["--joint-model", "no/such", *listings, "--label", "product_id"])
    with pytest.raises(SystemExit):
        published.main([*listings, "--label", "product_id"])
    assert "neither --joint-model nor --caption-model" in capsys.readouterr().err
