import re
from base64 import b64decode
from dataclasses import replace
from io import BytesIO

import pytest
from fakes.labelled import SquaredScorer, labelled, policy
from PIL import Image

from streams.errors import ImageFetchError
from streams.evaluation import Options, evaluate
from streams.evaluation.page import images_needed, page
from streams.evaluation.photos import thumbnails
from streams.matching.details import Details
from streams.matching.rules import Rules

pytestmark = pytest.mark.slow

ORIGIN = {"file": "listings.jsonl", "bundle": "b@123", "command": "matchstream evaluate <x>"}


def jpeg(size=(800, 400)):
    buffer = BytesIO()
    Image.new("RGB", size, "red").save(buffer, "JPEG")
    return buffer.getvalue()


class Photos:
    async def fetch_all(self, references):
        gone = ImageFetchError("image", got="404", wanted="200", remedy="mend it")
        files = {"photo.jpg": jpeg(), "broken.jpg": b"no picture"}
        return [files.get(reference, gone) for reference in references]


@pytest.fixture(scope="module")
def catalogue():
    return labelled([2, 3] * 8, noise=1.2, images=["photo.jpg"] * 40)


def rendered(catalogue, rules, photos=None, **options):
    evaluation = evaluate(catalogue, rules, Options(mistakes=4, **options))
    return page(evaluation, catalogue, photos or {}, ORIGIN)


def test_the_page_needs_nothing_else(catalogue):
    html = rendered(catalogue, Rules(policy()), {"photo.jpg": "data:image/jpeg;base64,AAAA"})
    sources = re.findall(r"""(?:src|srcset|href|action)="([^"]*)\"""", html)
    assert sources
    assert all(source.startswith("data:image/") for source in sources)
    assert "<script" not in html
    assert "url(" not in html
    assert "@import" not in html


def test_the_page_reads_on_a_phone_and_in_the_dark(catalogue):
    html = rendered(catalogue, Rules(policy()))
    assert 'name="viewport" content="width=device-width' in html
    assert "prefers-color-scheme: dark" in html


def test_the_worst_mistakes_are_shown_with_photos_and_reasons(catalogue):
    rules = Rules(policy(scorer="s.txt", candidate_threshold=0.05, match_threshold=0.12), SquaredScorer())
    evaluation = evaluate(catalogue, rules, Options(mistakes=4))
    html = page(evaluation, catalogue, {"photo.jpg": "data:image/jpeg;base64,AAAA"}, ORIGIN)
    kinds = [len(evaluation.mistakes.false), len(evaluation.mistakes.missed)]
    assert min(kinds) > 0
    assert html.count('class="pair"') == sum(kinds)
    assert html.count("data:image/jpeg") == 2 * sum(kinds)
    assert re.search(r"combined [+-]\d", html)
    assert "score 0." in html


def test_a_listing_without_photo_says_so(catalogue):
    assert "no photo" in rendered(catalogue, Rules(policy()))


def test_hostile_titles_are_text(catalogue):
    hostile = replace(catalogue, details=(Details(title="<img src=x onerror=alert(1)>"),) * len(catalogue))
    html = rendered(hostile, Rules(policy()))
    assert "<img src=x" not in html
    assert "&lt;img src=x onerror" in html


def test_the_ablation_is_a_table_with_intervals(catalogue):
    html = rendered(catalogue, Rules(policy()), ablation=True, folds=3)
    assert "What each part brings" in html
    assert "blended query, raw candidates" in html
    assert re.search(r"[+-]0\.\d{3} \([+-]0\.\d{3} to [+-]0\.\d{3}\)", html)


def test_only_the_photos_of_mistakes_are_needed(catalogue):
    some = replace(catalogue, images=tuple("" if i % 2 else f"{i}.jpg" for i in range(len(catalogue))))
    evaluation = evaluate(some, Rules(policy()), Options(mistakes=3))
    needed = images_needed(evaluation, some)
    places = {
        place for one in (*evaluation.mistakes.false, *evaluation.mistakes.missed) for place in (one.one, one.other)
    }
    assert set(needed) == {f"{place}.jpg" for place in places if place % 2 == 0}


async def test_photos_become_small_jpegs_and_what_is_broken_is_left_out():
    found = await thumbnails(["photo.jpg", "broken.jpg", "gone.jpg", "", "photo.jpg"], Photos(), 10**6)
    assert list(found) == ["photo.jpg"]
    small = Image.open(BytesIO(b64decode(found["photo.jpg"].partition(",")[2])))
    assert (small.format, small.size) == ("JPEG", (200, 100))


async def test_a_photo_of_too_many_pixels_is_not_decoded():
    assert await thumbnails(["photo.jpg"], Photos(), 1000) == {}
