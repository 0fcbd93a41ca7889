"""What a generation would change: its match lists beside those of the live one, before it is promoted."""

from streams.reindex.difference.difference import Difference, Wanted
from streams.reindex.difference.pairs import ListDifference, compare_lists
from streams.reindex.difference.reading import read_difference, read_list_difference

__all__ = [
    "Difference",
    "ListDifference",
    "Wanted",
    "compare_lists",
    "read_difference",
    "read_list_difference",
]
