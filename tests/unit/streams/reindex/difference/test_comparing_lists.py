"""Pairs gained and lost, products merged and split: by hand, and the same in both directions."""

from itertools import combinations

import pytest
from fakes.match_graphs import graph, matches, verdicts
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.grouping import BareLink, links_of, products
from streams.reindex.difference import compare_lists
from streams.reindex.difference.difference import by_category
from streams.reindex.difference.pairs import in_order
from streams.reindex.difference.products import compare_products

LETTERS = "abcdefgh"
LINKS = st.builds(BareLink, st.booleans(), st.sampled_from([0.7, 0.8, 0.9]))
VERDICTS = st.lists(
    st.tuples(st.sampled_from(LETTERS), st.sampled_from("=!?"), st.sampled_from(LETTERS)).filter(
        lambda said: said[0] != said[2]
    ),
    max_size=5,
).map(lambda said: verdicts(*map("".join, said)))
LISTED = st.dictionaries(
    st.sampled_from(LETTERS), st.dictionaries(st.sampled_from(LETTERS), LINKS, max_size=5), max_size=8
).map(lambda lists: {one: {a: b for a, b in links.items() if a != one} for one, links in lists.items()})
BIG = (100, 100)


def lists_of(*edges, alone=""):
    return {one: links_of(matches) for one, matches in graph(*edges, alone=alone).items()}


def shown(pairs):
    return sorted("".join(pair) for pair in pairs)


def in_any_list(lists):
    return {in_order(one, other) for one, links in lists.items() for other in links}


def test_pairs_gained_lost_and_kept_by_hand():
    found = compare_lists(lists_of("AB", "BC", "DE", alone="f"), lists_of("AB", "AC", "EF", alone="d"))
    assert (shown(found.gained), shown(found.lost), found.kept) == (["ac", "ef"], ["bc", "de"], 1)
    assert (found.before, found.after, found.listings) == (3, 3, (6, 6))
    assert found.share == pytest.approx(4 / 5)
    assert sorted(found.concerned) == list("abcdef")


def test_a_pair_in_one_of_its_two_lists_is_there():
    found = compare_lists(lists_of("AB", "CD"), lists_of("A>B", "D>C"))
    assert (found.before, found.after, found.kept, found.share) == (2, 2, 2, 0.0)
    assert sorted(found.changed) == ["b", "c"]


def test_where_there_is_nothing_nothing_changes():
    found = compare_lists({}, {})
    assert (found.share, found.kept, found.changed) == (0.0, 0, frozenset())


def test_a_strength_is_no_pair_but_may_change_products():
    before, after = lists_of("AB"), lists_of("ab")
    found = compare_lists(before, after)
    assert (found.gained, found.lost, sorted(found.changed)) == (frozenset(), frozenset(), ["a", "b"])
    assert [one.parts for one in compare_products(before, after, found.changed, BIG).split] == [(("a",), ("b",))]


@given(LISTED, LISTED)
def test_the_pairs_are_those_in_any_list_and_swapping_swaps_gained_and_lost(before, after):
    there, back = compare_lists(before, after), compare_lists(after, before)
    one, other = in_any_list(before), in_any_list(after)
    assert (there.gained, there.lost, there.kept) == (other - one, one - other, len(one & other))
    assert (there.before, there.after) == (len(one), len(other))
    assert (back.gained, back.lost, back.share, back.changed) == (there.lost, there.gained, there.share, there.changed)
    assert there.share == (len(one ^ other) / len(one | other) if one | other else 0.0)


def test_products_merged_and_split_by_hand():
    before = lists_of("AB", "CD", "DE", "FG", alone="h")
    after = lists_of("AB", "CD", "BC", "FG", alone="eh")
    found = compare_products(before, after, compare_lists(before, after).changed, BIG)
    assert [(one.members, one.parts) for one in found.merged] == [(tuple("abcd"), (("a", "b"), ("c", "d")))]
    assert [(one.members, one.parts) for one in found.split] == [(tuple("cde"), (("c", "d"), ("e",)))]


def test_a_list_that_changes_may_join_listings_whose_lists_do_not():
    before, after = lists_of("ab", "AC", "c>b"), lists_of("ab", "AC", "cb")
    changed = compare_lists(before, after).changed
    assert changed == {"b"}
    assert [one.parts for one in compare_products(before, after, changed, BIG).merged] == [(("a", "c"), ("b",))]


def test_each_generation_has_its_own_limit_of_listings_in_a_product():
    lists = lists_of("AB", "BC", "CD")
    found = compare_products(lists, lists, LETTERS[:4], (100, 2))
    assert [one.parts for one in found.split] == [(("a",), ("b",), ("c",), ("d",))]
    assert found.merged == ()


def in_several(lists, others, said):
    """The same over all listings at once, in plain loops."""
    both = [{one: matches(links) for one, links in some.items()} for some in (lists, others)]
    groups = [products(some, 4, said).values() for some in both]
    of = {member: group.product_id for group in groups[1] for member in group.members}
    return {group.members for group in groups[0] if len({of[one] for one in group.members if one in of}) > 1}


def test_where_judgements_divide_what_hangs_together_it_counts_who_is_how_similar():
    before, after = lists_of("AB9", "BC8"), lists_of("AB8", "BC9")
    changed, said = compare_lists(before, after).changed, verdicts("a!c")
    assert changed == frozenset()
    assert compare_products(before, after, changed, BIG).split == ()
    assert [one.parts for one in compare_products(before, after, changed, BIG, said).split] == [(("a",), ("b",))]


@given(LISTED, LISTED, VERDICTS)
def test_looking_only_around_what_changed_finds_all_that_is_merged_or_split(before, after, said):
    changed = compare_lists(before, after).changed
    found = compare_products(before, after, changed, (4, 4), said)
    assert {one.members for one in found.merged} == in_several(after, before, said)
    assert {one.members for one in found.split} == in_several(before, after, said)
    back = compare_products(after, before, changed, (4, 4), said)
    assert (back.merged, back.split) == (found.split, found.merged)


def test_a_pair_counts_in_the_category_that_both_are_in_whatever_its_case():
    both = lists_of("AB", "CD", "EF"), lists_of("AB", "BC", "CD", "EF", "FG")
    categories = {"a": "Mugs", "b": "mugs", "c": "Lamps", "d": "lamps", "g": ""}
    found = by_category(both, compare_lists(*both), categories)
    assert {name: (one.before, one.after, one.gained, one.lost) for name, one in found.items()} == {
        "": (1, 3, 2, 0),
        "Mugs": (1, 1, 0, 0),
        "Lamps": (1, 1, 0, 0),
    }
    assert next(iter(found)) == ""


@given(LISTED, LISTED, st.dictionaries(st.sampled_from(LETTERS), st.sampled_from(["", "Mugs", "mugs", "Lamps"])))
def test_categories_add_up_to_all_pairs(before, after, categories):
    lists = compare_lists(before, after)
    found = by_category((before, after), lists, categories).values()
    sums = [sum(getattr(one, name) for one in found) for name in ("before", "after", "gained", "lost")]
    assert sums == [lists.before, lists.after, len(lists.gained), len(lists.lost)]
    assert all(0 <= one.share <= 1 for one in found)


def test_all_pairs_of_a_clique_are_counted_once():
    edges = ["".join(pair).upper() for pair in combinations(LETTERS, 2)]
    assert compare_lists({}, lists_of(*edges)).after == len(edges)
