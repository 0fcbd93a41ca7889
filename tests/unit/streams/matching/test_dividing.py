"""Listings judged different are in no product together, whoever else links them: by hand, by brute force, explored."""

from itertools import combinations

import pytest
from fakes.match_graphs import graph, matches, verdicts
from hypothesis import given
from hypothesis import strategies as st

from streams.events import Verdict
from streams.matching.grouping import BareLink, Exploration, Group, links_of, products

BIG = 100

BY_HAND = {
    "a third who links them goes with the one it is more like": (["a", "bc"], "AB7 BC8", "a!c"),
    "whatever the ids": (["ab", "c"], "AB8 BC7", "a!c"),
    "where both are as similar, the smaller ids stay together": (["ab", "c"], "AB BC", "a!c"),
    "what is strong comes before what is similar": (["ad", "bc"], "AB ac bc AD BC", "a!b"),
    "what was judged the same comes before both": (["ab", "c"], "ab5 bc9 ac9", "a!c a=b"),
    "what was judged different is apart even where it is linked still": (["a", "b"], "AB9", "a!b"),
    "people who contradict each other: those judged different stay apart": (["ab", "c"], "AB8 BC7", "a=b b=c a!c"),
    "a chain gives way where it is the weakest": (["ab", "cd"], "AB9 BC7 CD9", "a!d"),
    "each pair is apart from each other": (["a", "b", "c"], "AB BC AC", "a!b b!c a!c"),
    "a group takes its verdicts along": (["abe", "cd"], "AB9 CD9 AE8 DE7 BC6", "b!d"),
    "of two who hang together with nobody in common nothing changes": (["ab", "cd"], "AB CD", "a!c"),
    "unsure and same divide nothing": (["abc"], "AB BC", "a?c a=b"),
    "somebody who is not there divides nothing": (["ab"], "AB", "a!x x!y"),
}


def members(lists, said, limit=BIG):
    """Products as strings of one-letter listings, those of an oversized component with a star; explored, the same."""
    found = products(lists, limit, said)
    assert explored(lists, said, limit) == {one: group for group in found.values() for one in group.members}
    return sorted("".join(one.members) + "*" * one.oversized for one in found.values())


def explored(lists, said, limit, order=None, known=()):
    """The group of each listing, looked for in this order."""
    exploration = Exploration(limit)
    learn(exploration, lists, said, known)
    found = {}
    for listing_id in order or lists:
        while unknown := exploration.find(listing_id).wanted:
            learn(exploration, lists, said, unknown)
        found[listing_id] = exploration.find(listing_id).group
    return found


def learn(exploration, lists, said, listing_ids):
    links = {one: links_of(lists[one]) for one in listing_ids}
    exploration.learn(links, {one: said[one] for one in listing_ids if one in said})


@pytest.mark.parametrize(("wanted", "edges", "said"), BY_HAND.values(), ids=BY_HAND)
def test_products_worked_by_hand(wanted, edges, said):
    assert members(graph(*edges.split()), verdicts(*said.split())) == wanted


@pytest.mark.parametrize("listing_id", "ac")
def test_what_stands_under_one_of_the_two_only_counts(listing_id):
    """So it is between the two writes of the judge stage."""
    said = {listing_id: verdicts("a!c")[listing_id]}
    assert members(graph("AB7", "BC8"), said) == ["a", "bc"]


def test_the_parts_of_what_is_too_large_are_divided_and_flagged():
    lists = graph("AB", "BC", "cd", "bd", "DE", "EF")
    assert members(lists, verdicts("a!c"), 5) == ["ab*", "c*", "def*"]
    assert members(lists, verdicts("a!c"), 2) == [f"{one}*" for one in "abcdef"]


def test_of_a_similarity_that_is_told_otherwise_on_both_sides_the_lower_counts():
    there = {
        "a": {"b": BareLink(True, 0.9)},
        "b": {"a": BareLink(True, 0.5), "c": BareLink(True, 0.7)},
        "c": {"b": BareLink(True, 0.7)},
    }
    assert members({one: matches(links) for one, links in there.items()}, verdicts("a!c")) == ["a", "bc"]


IDS = "abcdefghij"
PAIRS = st.tuples(st.sampled_from(IDS), st.sampled_from(IDS)).filter(lambda pair: pair[0] != pair[1])
LINKS = st.builds(BareLink, st.booleans(), st.sampled_from([0.6, 0.7, 0.8]))
EDGES = st.lists(st.tuples(PAIRS, LINKS, st.sampled_from(["both", "both", "one"])), max_size=25)
SAID = st.dictionaries(PAIRS.map(lambda pair: tuple(sorted(pair))), st.sampled_from(Verdict), max_size=8)
LIMITS = st.sampled_from([2, 3, 4, 6, BIG])


def lists_of(edges):
    links = {one: {} for one in IDS}
    for (one, other), link, sides in edges:
        links[one][other] = link
        if sides == "both":
            links[other][one] = link
    return {one: matches(some) for one, some in links.items()}


def under_both(said):
    found = {}
    for (one, other), verdict in said.items():
        found.setdefault(one, {})[other] = found.setdefault(other, {})[one] = verdict
    return found


@given(EDGES, SAID, LIMITS)
def test_no_product_has_two_that_were_judged_different_and_none_is_larger_than_without(edges, said, limit):
    lists = lists_of(edges)
    found, whole = products(lists, limit, under_both(said)), products(lists, limit)
    assert sorted(one for group in found.values() for one in group.members) == sorted(IDS)
    for group in found.values():
        assert not any(said.get(pair) is Verdict.DIFFERENT for pair in combinations(group.members, 2))
        assert any(
            set(group.members) <= set(one.members) and group.oversized == one.oversized for one in whole.values()
        )


@given(EDGES, SAID, LIMITS)
def test_products_with_nobody_judged_different_are_what_they_are_without_judgements(edges, said, limit):
    """Also where people said something else of them, or took it back."""
    lists = lists_of(edges)
    parted = {pair: verdict for pair, verdict in said.items() if verdict is Verdict.DIFFERENT}
    whole = products(lists, limit)
    apart = [group for group in whole.values() if any(pair in parted for pair in combinations(group.members, 2))]
    found = products(lists, limit, under_both(said))
    assert all(found[one.product_id] == one for one in whole.values() if one not in apart)
    assert (found == whole) is (not apart)


@given(EDGES, SAID, LIMITS, st.randoms(use_true_random=False))
def test_products_depend_on_no_order(edges, said, limit, rng):
    lists = lists_of(edges)
    shuffled = [(one, tuple(rng.sample(some, len(some)))) for one, some in lists.items()]
    verdicts_ = [(one, dict(rng.sample([*some.items()], len(some)))) for one, some in under_both(said).items()]
    rng.shuffle(shuffled)
    rng.shuffle(verdicts_)
    assert products(dict(shuffled), limit, dict(verdicts_)) == products(lists, limit, under_both(said))


@given(EDGES, SAID, LIMITS, st.permutations(IDS), st.sets(st.sampled_from(IDS)))
def test_exploring_finds_the_same_products_in_whatever_order_it_learns(edges, said, limit, order, known):
    lists, verdicts_ = lists_of(edges), under_both(said)
    wanted = {one: group for group in products(lists, limit, verdicts_).values() for one in group.members}
    assert explored(lists, verdicts_, limit, order, known) == wanted


def by_brute_force(listing_ids, links, said):
    """Products of one component in which all links count, by pairs of sets and nothing else."""
    same, different = ({pair for pair, verdict in said.items() if verdict is one} for one in list(Verdict)[:2])
    order = sorted(links, key=lambda pair: (pair not in same, not links[pair].strong, -links[pair].similarity, pair))
    parts = [{one} for one in listing_ids]
    for pair in order:
        one, other = (next(part for part in parts if end in part) for end in pair)
        both = one | other
        if one is not other and not any({*apart} <= both for apart in different):
            parts = [part for part in parts if part is not one and part is not other] + [both]
    return {group.product_id: group for group in map(Group.of, parts)}


@given(st.dictionaries(PAIRS.map(lambda pair: tuple(sorted(pair))), st.sampled_from([0.6, 0.7, 0.8])), SAID)
def test_products_are_what_sets_of_pairs_say(edges, said):
    """Over strong links, for which of the weak ones count is another matter."""
    links = {pair: BareLink(strong=True, similarity=similarity) for pair, similarity in edges.items()}
    lists = lists_of([(pair, link, "both") for pair, link in links.items()])
    assert products(lists, BIG, under_both(said)) == by_brute_force(IDS, links, said)


def test_who_hangs_together_is_told_where_judgements_divide_it():
    lists, said = graph("AB", "BC", "CD", "XY"), verdicts("a!d")
    exploration = Exploration(BIG)
    learn(exploration, lists, said, lists)
    assert {one: "".join(sorted(exploration.find(one).divided)) for one in "abcdxy"} == {
        **dict.fromkeys("abcd", "abcd"),
        **dict.fromkeys("xy", ""),
    }
