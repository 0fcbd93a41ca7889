"""Products out of match lists: which listings are one product, as a function of the lists alone."""

from streams.matching.grouping.exploration import Exploration, Finding
from streams.matching.grouping.graph import Graph, Links, links_of
from streams.matching.grouping.products import Group, products

__all__ = ["Exploration", "Finding", "Graph", "Group", "Links", "links_of", "products"]
