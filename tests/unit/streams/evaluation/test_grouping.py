import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.evaluation.grouping import groups_of
from streams.events import Match
from streams.matching.grouping import products

EDGES = st.dictionaries(
    st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda pair: pair[0] < pair[1]), st.booleans(), max_size=25
)


@given(EDGES, st.integers(1, 8))
def test_groups_are_the_products_of_the_group_stage(edges, limit):
    lists = {str(i): [] for i in range(10)}
    for (one, other), strong in edges.items():
        lists[str(one)].append(Match(str(other), 0.9, {}, strong))
        lists[str(other)].append(Match(str(one), 0.9, {}, strong))
    ends = np.array(list(edges), dtype=np.intp).reshape(-1, 2)
    groups = groups_of(10, ends[:, 0], ends[:, 1], np.array(list(edges.values()), dtype=bool), limit)
    found = {frozenset(np.flatnonzero(groups == group).tolist()) for group in groups}
    assert found == {frozenset(map(int, group.members)) for group in products(lists, limit).values()}
