"""What keeps lists from being right: candidates not found, decisions that are wrong, labels that contradict."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from encoders.bundle import Bundle
from encoders.metrics import Entries
from streams.learning.candidates import Candidates, find_candidates
from streams.learning.labelled import LabelledCatalogue
from streams.matching.bundled import rules_of
from streams.matching.decision import Outcome, decide

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Scene:
    """All candidates of a catalogue, and what was decided on each."""

    catalogue: LabelledCatalogue
    found: Candidates
    matched: np.ndarray
    vetoed: np.ndarray

    @property
    def same(self) -> np.ndarray:
        return self.found.same(self.catalogue.codes)

    def mean_f1(self, matched: np.ndarray) -> float:
        entries = Entries.of_pairs(
            self.catalogue.codes, self.found.one[matched], self.found.other[matched], np.ones(int(matched.sum()))
        )
        return float(entries.counts().f1.mean())


def limits(catalogue: LabelledCatalogue, bundle: Bundle) -> dict[str, Any]:
    """Mean F1 as decided, and as it would be if one thing after the other were perfect."""
    rules = rules_of(bundle)
    policy = rules.policy
    found = find_candidates(catalogue.embeddings, catalogue.details, policy, floor=policy.candidates)
    decisions = decide(found.pairs, rules)
    vetoed = np.zeros(len(found), dtype=bool)
    vetoed[list(decisions.vetoes)] = True
    scene = _Scene(catalogue, found, decisions.outcomes == Outcome.MATCH, vetoed)
    true = int((np.bincount(catalogue.codes) * (np.bincount(catalogue.codes) - 1) // 2).sum())
    return {
        "candidates": len(found),
        "candidate_recall": int(scene.same.sum()) / true,
        "mean_f1": {
            "as decided": scene.mean_f1(scene.matched),
            "no wrong match": scene.mean_f1(scene.matched & scene.same),
            "every true candidate matched": scene.mean_f1(scene.matched | scene.same),
            "every candidate decided right": scene.mean_f1(scene.same),
            "one product for equal words": scene.mean_f1(scene.matched & (scene.same | ~_equal_words(scene))),
        },
        "missed": _missed(scene, true),
        "wrong": _wrong(scene),
    }


def _missed(scene: _Scene, true: int) -> dict[str, int]:
    """True pairs that are in no list, by why."""
    missed = scene.same & ~scene.matched
    code = _shares_code(scene)
    return {
        "no candidate": true - int(scene.same.sum()),
        "vetoed": int((missed & scene.vetoed).sum()),
        "scored too low, sharing a word with digits": int((missed & ~scene.vetoed & code).sum()),
        "scored too low, sharing none": int((missed & ~scene.vetoed & ~code).sum()),
    }


def _wrong(scene: _Scene) -> dict[str, int]:
    """Pairs in a list that are not one product, by what they have in common."""
    wrong = scene.matched & ~scene.same
    equal, code = _equal_words(scene), _shares_code(scene)
    return {
        "equal words": int((wrong & equal).sum()),
        "sharing a word with digits": int((wrong & ~equal & code).sum()),
        "sharing none": int((wrong & ~equal & ~code).sum()),
    }


def _equal_words(scene: _Scene) -> np.ndarray:
    words = [Counter(_WORD.findall(one.title.casefold())) for one in scene.catalogue.details]
    return np.array([words[i] == words[j] for i, j in zip(scene.found.one, scene.found.other, strict=True)])


def _shares_code(scene: _Scene) -> np.ndarray:
    """Whether both have a word with a digit and a letter, or of four digits and more, in common."""
    codes = [
        {word for word in _WORD.findall(one.title.casefold()) if _is_code(word)} for one in scene.catalogue.details
    ]
    return np.array([bool(codes[i] & codes[j]) for i, j in zip(scene.found.one, scene.found.other, strict=True)])


def _is_code(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    return bool(digits) and (digits < len(word) or digits > 3)
