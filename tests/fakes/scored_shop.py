"""A small generated shop with its labelled pairs, to train pair scorers on."""

import numpy as np

from encoders.types import Modality
from streams.matching import Details, Pairs
from streams.matching.scoring import Examples, learn_weights

MAKERS = ("acme", "globex", "initech", "umbrella")
THINGS = ("phone", "camera", "drill", "lamp", "mixer")
SELLERS = ("buy {}", "{} new", "{} cheap", "{} sale online", "shop {}")


def pairs_of(owners, others, own, other, seed=0):
    """With similarities drawn at random, some of them missing."""
    rng = np.random.default_rng(seed)
    single = {Modality.TEXT: rng.random(len(own)), Modality.LEXICAL: rng.random(len(own))}
    single[Modality.TEXT][rng.random(len(own)) < 0.2] = np.nan
    return Pairs(owners, others, np.array(own, np.intp), np.array(other, np.intp), single, single[Modality.LEXICAL])


def turned(pairs):
    """The same pairs from the other side."""
    return Pairs(pairs.others, pairs.owners, pairs.other, pairs.own, pairs.single, pairs.combined)


def shop(products=60, seed=1):
    """Listings of products that only their code tells apart, with the product of each."""
    rng = np.random.default_rng(seed)
    listings, labels = [], []
    for product in range(products):
        name = f"{MAKERS[product % 4]} {THINGS[product % 5]} x{product + 100} {64 << (product % 3)} gb"
        for _ in range(rng.integers(2, 5)):
            listings.append(Details(title=SELLERS[rng.integers(5)].format(name), brand=MAKERS[product % 4]))
            labels.append(f"p{product}")
    return listings, labels


def examples(products=60, seed=1):
    listings, labels = shop(products, seed)
    codes = np.unique(labels, return_inverse=True)[1]
    own, other = np.nonzero(np.triu(np.ones((len(listings), len(listings))), 1))
    same = codes[own] == codes[other]
    return Examples(pairs_of(listings, listings, own, other, seed), same, codes % 3, learn_weights(listings, labels))
