"""Products out of match lists: which listings are one product, as a function of these and of judgements alone."""

from streams.matching.grouping.exploration import Exploration, Finding
from streams.matching.grouping.graph import BareLink, Graph, Link, Links, links_of
from streams.matching.grouping.products import Group, linked_products, products

__all__ = [
    "BareLink",
    "Exploration",
    "Finding",
    "Graph",
    "Group",
    "Link",
    "Links",
    "linked_products",
    "links_of",
    "products",
]
