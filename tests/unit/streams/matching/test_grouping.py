"""Products out of match lists: worked by hand, and the same by looking at parts of the graph only."""

import random
from itertools import combinations

import pytest
from fakes.match_graphs import graph, matches
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.grouping import BareLink, Exploration, Graph, Group, links_of, products

BIG = 100


def members(lists, limit=BIG):
    """Products as strings of one-letter listings, those of an oversized component with a star."""
    return sorted("".join(one.members) + "*" * one.oversized for one in products(lists, limit).values())


BY_HAND = {
    "nobody": ([], ""),
    "a listing alone is a product": (["a"], "a"),
    "a link strong on both sides joins": (["ab"], "AB"),
    "a weak link alone joins nobody": (["a", "b"], "ab"),
    "a link weak on one side is weak": (["a", "b"], "Ab"),
    "a link of one side only is none": (["a", "b"], "A>B"),
    "three weak links to each other join": (["abc"], "ab bc ac"),
    "a chain of weak links joins nobody": (["a", "b", "c"], "ab bc"),
    "a third who is listed by one of the two only does not help": (["a", "b", "c"], "ab ac b>c"),
    "a weak bridge leaves two products": (["abc", "def"], "AB BC AC cd DE EF DF"),
    "two weak links between two products are still bridges": (["ab", "cd"], "AB CD ac bd"),
    "a bridge that a third supports joins two products": (["abcd"], "AB CD bc bd"),
    "strong links make chains": (["abcd"], "AB BC CD"),
    "the smallest id names the product": (["ac", "b"], "CA b>a"),
}


@pytest.mark.parametrize(("wanted", "edges"), BY_HAND.values(), ids=BY_HAND)
def test_products_worked_by_hand(wanted, edges):
    assert members(graph(*edges.split())) == wanted


OVERSIZED = {
    "as many as the limit are one product": (["abcd"], 4, "ab bc ac BD"),
    "one more, and weak links do not count": (["a*", "bd*", "c*"], 3, "ab bc ac BD"),
    "a strong part that is still too large is left as single listings": (["a*", "b*", "c*", "d*"], 2, "AB BC CD"),
    "parts within the limit are built and flagged": (["ab*", "cd*"], 3, "AB CD ac ad bc bd"),
    "what hangs together with nobody else is not flagged": (["a*", "b*", "c*", "de"], 2, "AB BC DE"),
    "a limit of one": (["a*", "b*", "c"], 1, "AB C>A"),
}


@pytest.mark.parametrize(("wanted", "limit", "edges"), OVERSIZED.values(), ids=OVERSIZED)
def test_what_is_larger_than_the_limit(wanted, limit, edges):
    assert members(graph(*edges.split()), limit) == wanted


def test_a_product_is_found_under_its_own_id():
    assert products(graph("CA", "Bd"), BIG) == {"a": Group(("a", "c")), "b": Group(("b",)), "d": Group(("d",))}


def test_a_list_may_name_the_listing_itself_and_listings_that_are_not_there():
    assert members({"a": matches("ABx"), "b": matches("Ay")}) == ["ab"]


IDS = [f"l{i:02}" for i in range(12)]
EDGES = st.lists(st.tuples(st.sampled_from(IDS), st.sampled_from(IDS), st.sampled_from(["both", "one"]), st.booleans()))


def lists_of(edges):
    links = {one: {} for one in IDS}
    for one, other, sides, strong in edges:
        if one != other:
            links[one][other] = strong
            if sides == "both":
                links[other][one] = strong
    return {one: matches(some) for one, some in links.items()}


@given(EDGES, st.randoms(use_true_random=False), st.integers(1, 5))
def test_products_depend_on_no_order(edges, rng, limit):
    lists = lists_of(edges)
    shuffled = [(one, tuple(rng.sample(some, len(some)))) for one, some in lists.items()]
    rng.shuffle(shuffled)
    assert products(dict(shuffled), limit) == products(lists, limit)


def plainly(lists, limit):
    """The same rules with nothing but sets of pairs."""
    links = {one: links_of(some) for one, some in lists.items()}
    pairs = {frozenset(two) for two in combinations(links, 2) if two[0] in links[two[1]] and two[1] in links[two[0]]}
    strong = {pair for pair in pairs if all(links[a][b].strong for a in pair for b in pair - {a})}
    counted = strong | {pair for pair in pairs if any({frozenset({one, c}) for one in pair} <= pairs for c in links)}
    found = []
    for component in joined(set(links), counted):
        parts = [component] if len(component) <= limit else joined(component, strong)
        singles = [{one} for part in parts if len(part) > limit for one in part]
        kept = [part for part in parts if len(part) <= limit] + singles
        found += [Group.of(part, oversized=len(component) > limit) for part in kept]
    return {one.product_id: one for one in found}


def joined(listing_ids, pairs):
    parts = [{one} for one in sorted(listing_ids)]
    for pair in pairs:
        touched = [part for part in parts if part & pair]
        if pair <= set(listing_ids):
            parts = [part for part in parts if not part & pair] + [set().union(*touched)]
    return parts


@given(EDGES, st.integers(1, 6))
def test_products_are_what_sets_of_pairs_say(edges, limit):
    lists = lists_of(edges)
    assert products(lists, limit) == plainly(lists, limit)


def explored(lists, listing_id, limit):
    """The group of one listing, who was looked at, and in how many rounds."""
    exploration, looked, rounds = Exploration(limit), set(), 0
    while wanted := exploration.find(listing_id).wanted:
        assert not wanted & looked, "looked at twice"
        exploration.learn({one: links_of(lists[one]) if one in lists else None for one in wanted})
        looked |= wanted
        rounds += 1
    return exploration.find(listing_id).group, looked, rounds


@given(EDGES, st.integers(1, 6))
def test_exploring_finds_the_same_groups(edges, limit):
    lists = lists_of(edges)
    wanted = {one: group for group in products(lists, limit).values() for one in group.members}
    assert {one: explored(lists, one, limit)[0] for one in lists} == wanted


@given(EDGES, st.integers(1, 6), st.sets(st.sampled_from(IDS)))
def test_exploring_finds_the_same_groups_whatever_else_is_known(edges, limit, known):
    lists = lists_of(edges)
    wanted = {one: group for group in products(lists, limit).values() for one in group.members}
    exploration = Exploration(limit)
    exploration.learn({one: links_of(lists[one]) for one in known})
    for listing_id in lists:
        while unknown := exploration.find(listing_id).wanted:
            exploration.learn({one: links_of(lists[one]) for one in unknown})
        assert exploration.find(listing_id).group == wanted[listing_id]


def test_a_listing_that_is_not_there_has_no_group():
    assert explored({}, "a", 3) == (None, {"a"}, 1)


def crowd(listings, each, *, strong=True, seed=1):
    """Listings that each list so many others at random on both sides, as near-identical titles do."""
    rng, ids = random.Random(seed), [f"l{i:05}" for i in range(listings)]
    links = {one: {} for one in ids}
    for one in ids:
        for other in rng.sample(ids, each // 2):
            if other != one:
                links[one][other] = links[other][one] = strong
    return {one: matches(some) for one, some in links.items()}


@pytest.mark.parametrize("strong", [True, False])
def test_a_huge_component_is_not_read_to_its_end(strong):
    lists = crowd(3_000, 50, strong=strong)
    group, looked, rounds = explored(lists, "l00007", 100)
    assert group == (Group(("l00007",), oversized=True))
    assert len(looked) <= 500
    assert rounds <= 6


def test_a_small_product_is_read_with_its_neighbors_only():
    lists = {**crowd(500, 20), **graph("AB", "BC", "cd")}
    group, looked, rounds = explored(lists, "a", 100)
    assert (group, looked, rounds) == (Group(("a", "b", "c")), set("abcd"), 4)


def test_a_graph_knows_whom_it_was_told_of():
    strong, weak = BareLink(strong=True), BareLink(strong=False)
    known = Graph({"a": {"b": strong, "c": weak}, "x": None})
    assert ("a" in known, "x" in known, "b" in known) == (True, True, False)
    assert (known.unknown("ax"), known.unknown("a", strong=True)) == ({"b", "c"}, {"b"})
    known.learn({"b": {"a": strong}})
    assert (known.counted("a"), known.strong("b")) == (["b"], ["a"])
