"""What photos of a catalogue teach: how near they are to their titles, and from where tags are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np

from encoders.bundle import Bundle
from encoders.tags import Cut, Examples, Ranking, choose_cut
from encoders.types import Embedding, Modality, Row

FEWEST_PAIRS: Final = 20
"""Of a photo and its title; the median of fewer says little."""

_DIGITS = 4
_OTHERS = 0.95
_BOTH = frozenset({Modality.JOINT_IMAGE, Modality.JOINT_TEXT})


@dataclass(frozen=True, slots=True)
class Worth:
    """How near photos and titles are to each other.

    Args:
        pairs: listings that were looked at.
        shuffled: cosine that a photo and the title of another listing stay below, 95 times in 100.
        own: median cosine of a photo and its own title.
    """

    pairs: int = 0
    shuffled: float = 0.0
    own: float = 0.0

    @property
    def enough(self) -> bool:
        """Whether there are enough pairs for a median."""
        return self.pairs >= FEWEST_PAIRS and self.shuffled < 1

    @property
    def tells_apart(self) -> bool:
        """Whether own titles are nearer than those of nearly all others."""
        return self.own > self.shuffled

    @property
    def bounds(self) -> tuple[float, float]:
        """From which cosine on a photo is worth anything to words, and where it is worth nearly all.

        Of a model that does not tell own titles from others photos count hardly at all: worth less than their titles'
        similarities, they would only push right ones down.
        """
        return self.shuffled, self.own if self.tells_apart else 1.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found.

    Args:
        worth: of cosines across the two towers; None where the bundle has no dual encoder.
        cuts: of each list of tags; those that are not calibrated leave the bundle's as they are.
    """

    worth: Worth | None = None
    cuts: Mapping[str, Cut] = field(default_factory=dict)

    def applied(self, bundle: Bundle) -> Bundle:
        """The bundle with all of it; its files are the same."""
        if bundle.dual is None or self.worth is None:
            return bundle
        worth = self.worth.bounds if self.worth.enough else bundle.dual.worth
        provenance = {**bundle.provenance, "seen": self.to_json()}
        seen = replace(bundle, dual=replace(bundle.dual, worth=worth), provenance=provenance)
        return replace(seen, tags=replace(bundle.tags, cuts=self._cuts(bundle.tags.cuts))) if bundle.tags else seen

    def to_json(self) -> dict[str, Any]:
        """As provenance keeps it."""
        tags = {
            name: {"photos": cut.examples, "precision": _rounded(cut.precision), "told": _rounded(cut.told)}
            for name, cut in self.cuts.items()
            if cut.calibrated
        }
        pairs = {"pairs": self.worth.pairs} if self.worth else {}
        return {**pairs, **({"tags": tags} if tags else {})}

    def _cuts(self, before: Mapping[str, float]) -> dict[str, float]:
        learned = {name: cut.value for name, cut in self.cuts.items() if cut.calibrated}
        return {name: cut for name, cut in {**before, **learned}.items() if cut is not None}


def measure_worth(embeddings: Sequence[Embedding], titles: Sequence[str]) -> Worth:
    """Cosines of photos with their own titles and with those of all the others, equal titles left out.

    Args:
        embeddings: some may lack a row, and are not counted.
        titles: of each.
    """
    there = [i for i, one in enumerate(embeddings) if one.keys() >= _BOTH]
    if not there:
        return Worth()
    photos, texts = (
        np.stack([np.asarray(embeddings[i][modality], np.float64) for i in there])
        for modality in (Modality.JOINT_IMAGE, Modality.JOINT_TEXT)
    )
    _, codes = np.unique([titles[i] for i in there], return_inverse=True)
    cosines, others = photos @ texts.T, codes[:, None] != codes[None, :]
    if not others.any():
        return Worth()
    # below what one in twenty others reaches, an own title is worth nothing: words would find anything
    shuffled = np.quantile(cosines[others], _OTHERS)
    own = np.median(np.diagonal(cosines))
    return Worth(len(there), *(round(float(one), _DIGITS) for one in (shuffled, own)))


def measure_cuts(
    ranking: Ranking | None,
    photos: Mapping[str, Row],
    stated: Mapping[str, Mapping[str, str]],
    groups: Mapping[str, str],
    precision: float,
) -> dict[str, Cut]:
    """The cut of each list, by photos of which the seller states the word.

    Args:
        ranking: of the lists; None where nothing is stated.
        photos: rows of the photo tower, by listing id.
        stated: what is stated of each, list name to word.
        groups: which photos are of one thing, by whatever these have in common.
        precision: that is asked for.
    """
    if ranking is None:
        return {}
    ids = list(photos)
    best = ranking.best(list(photos.values()))
    _, codes = np.unique([groups[one] for one in ids], return_inverse=True)
    cuts = {}
    for name, found in best.items():
        said = [stated[one].get(name) for one in ids]
        right = np.array([word == one for word, one in zip(found.words, said, strict=True)], dtype=bool)
        examples = Examples(found.probabilities, right, codes.astype(np.intp))
        cuts[name] = choose_cut(examples.at(np.array([one is not None for one in said], dtype=bool)), precision)
    return cuts


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, _DIGITS)
