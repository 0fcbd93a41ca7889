"""Small labelled catalogues: products with a code, offered under titles of several sellers; and what is told."""

import numpy as np
import pytest

from encoders.bundle import LexicalSpec
from encoders.lexical import LexicalEncoder
from encoders.types import Modality
from streams.learning import LabelledCatalogue
from streams.learning.telling import Telling
from streams.matching import Details

KINDS = ("phone", "camera", "drill", "lamp")
SELLERS = ("buy {}", "{} new", "{} cheap online", "shop {} original", "{} sale")
MAKERS = ("acme", "globex", "initech", "umbrella", "hooli")


def title(rng, product):
    """The same maker, kind and code, in a seller's words."""
    maker, kind = MAKERS[product % len(MAKERS)], KINDS[product % len(KINDS)]
    return SELLERS[rng.integers(len(SELLERS))].format(f"{maker} {kind} x{100 + product}")


def labelled(listings, seed=0):
    """Of (label, title) pairs, with text rows that say more or less what the product is."""
    rng = np.random.default_rng(seed)
    titles = [title for _, title in listings]
    lexical = LexicalEncoder(LexicalSpec()).encode(titles)
    centres = {}
    embeddings = {}
    for number, (label, _) in enumerate(listings):
        centre = centres.setdefault(label, rng.normal(size=16))
        row = centre + 0.5 * rng.normal(size=16)
        embeddings[f"l{number:04}"] = {
            Modality.TEXT: (row / np.linalg.norm(row)).astype(np.float32),
            Modality.LEXICAL: lexical[number],
        }
    return LabelledCatalogue(
        tuple(embeddings),
        embeddings,
        tuple(Details(title=one, category=KINDS[len(one) % 2]) for one in titles),
        tuple(label for label, _ in listings),
        ("",) * len(listings),
    )


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def telling(warnings):
    """Tells warnings to a list."""
    return Telling(warnings.append)


@pytest.fixture
def shop():
    """Makes a catalogue of so many products, of one to four listings each."""

    def make(products, seed=0):
        rng = np.random.default_rng(seed)
        listings = [
            (f"p{product}", title(rng, product)) for product in range(products) for _ in range(rng.integers(1, 5))
        ]
        return labelled(listings, seed)

    return make
