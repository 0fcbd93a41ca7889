"""The page of a difference: everything is in it, nothing else is needed, and titles are text."""

import re

import pytest
from fakes.differences import difference

from streams.reindex.difference.page import chosen, page, shown_of
from streams.reindex.difference.products import Regrouped

pytestmark = pytest.mark.slow

HOSTILE = "<img src=x onerror=alert(1)>"


def rendered(made, top=20, photos=None):
    return page(made, chosen(made, top), photos or {})


def test_the_page_needs_nothing_else():
    html = rendered(difference(), photos={"photo.jpg": "data:image/jpeg;base64,AAAA"})
    sources = re.findall(r"""(?:src|srcset|href|action)="([^"]*)\"""", html)
    assert any(source.startswith("data:image/") for source in sources)
    assert all(source.startswith(("data:image/", "#")) for source in sources)
    assert not re.search(r"<script|url\(|@import", html)


def test_every_link_inside_leads_somewhere():
    html = rendered(difference())
    assert set(re.findall(r'href="#([^"]*)"', html)) == set(re.findall(r'id="([^"]*)"', html))


def test_pairs_products_and_judged_pairs_are_shown_with_both_sides_evidence():
    made = difference(groups=4)
    html = rendered(made)
    regrouped = len(made.products.merged) + len(made.products.split)
    assert html.count('class="pair"') == len(made.gained) + len(made.lost) + len(made.disagreed) + regrouped
    assert "g1: not listed" in html
    assert "g2: to be reviewed" in html
    assert "0.65&lt;=combined&lt;0.85" in html
    assert "alone: match" in html
    assert "g1: judged different" in html


def test_what_gets_worse_comes_first_among_judged_pairs():
    said = re.findall(r'class="(good|bad)">Judged (\w+)', rendered(difference()))
    assert said == [("bad", "same"), ("good", "different")]


def test_so_many_of_each_kind_are_shown_and_the_others_counted():
    made = difference(groups=12)
    html = rendered(made, top=2)
    assert html.count('class="pair"') == 5 * 2
    assert f"And {len(made.lost) - 2} more" in html


@pytest.mark.parametrize("field", ["title", "image"])
def test_what_sellers_write_is_text(field):
    html = rendered(difference(**{field: HOSTILE}))
    assert "<img src=x" not in html
    assert ("&lt;img src=x onerror" in html) == (field == "title")


def test_names_of_judges_and_categories_are_text():
    html = rendered(difference(categories={}))
    assert "<b>ben" not in html
    assert "&lt;b&gt;ben" in html


def test_where_nothing_would_change_the_page_says_so():
    html = rendered(difference(groups=0, judged=()))
    assert html.count("None.") == 4
    assert "0.00 %" in html
    assert "Beside judgements" not in html


def test_a_generation_that_is_behind_is_warned_of():
    assert "is behind" not in rendered(difference())
    assert "match 1,200" in rendered(difference(lag={"match": 1200}))


def test_only_the_photos_that_are_shown_are_needed():
    made = difference(groups=12)
    listings = {one: type(listed)(image=f"{one}.jpg") for one, listed in made.listings.items()}
    some = chosen(difference(groups=12, listings=listings), 1)
    needed = some.images(difference(groups=12, listings=listings))
    shown = {one for pair in (*some.gained, *some.lost, *(each.pair for each in some.disagreed)) for one in pair}
    shown |= {one for each in (*some.merged, *some.split) for one in each.members}
    assert set(needed) == {f"{one}.jpg" for one in shown}


def test_of_a_large_product_some_of_each_part_are_shown():
    large = Regrouped((), (tuple(f"a{n}" for n in range(50)), ("b",), ("c",)))
    assert [len(part) for part in shown_of(large)] == [4, 1, 1]
    many = Regrouped((), tuple((f"p{n}",) for n in range(40)))
    assert len(shown_of(many)) == 12
