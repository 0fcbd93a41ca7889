"""The rows of the table, and one set of labelled pairs put through all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from benchmarks.labelled.choosing import Divided, Fitted, Row, fit
from benchmarks.labelled.ground import Ground, embed_all, fit_on
from benchmarks.labelled.measuring import Figures, measure
from benchmarks.labelled.records import AS_THEY_STAND, Flags, Labelled, Titles, read_pairs
from benchmarks.labelled.trained import Making, trained_grounds

from encoders.types import Modality
from streams.matching import Outcome, decide

RULE, SCORER = "threshold rule", "pair scorer"


def rows() -> list[Row]:
    """The rule and the scorer, each followed by what leaves one part of it out or puts one in."""
    return [
        variation
        for base in (Row(RULE), Row(SCORER, against=RULE, scorer=True))
        for variation in (base, *_variations(replace(base, against=base.name)))
    ]


def _variations(base: Row) -> Sequence[Row]:
    stated = replace(base, name="without what variants state", vetoes=False, variants=False)
    return [
        replace(base, name="without vetoes", vetoes=False),
        *([stated] if base.scorer else []),
        replace(base, name="without lexical similarity", modalities=(Modality.TEXT,)),
        replace(base, name="without text similarity", modalities=(Modality.LEXICAL,)),
        replace(base, name="with titles as they stand", plain=True),
        replace(base, name="with blending", blending=True),
    ]


@dataclass(frozen=True, slots=True)
class Measured:
    """One row on one set.

    Args:
        row: what was done.
        fitted: on the training pairs.
        figures: on the pairs that were only scored.
        unseen: the same without pairs whose two texts are also a pair of the training file.
    """

    row: Row
    fitted: Fitted
    figures: Figures
    unseen: Figures

    def to_json(self) -> dict:
        """As the file of results keeps it."""
        policy = self.fitted.rules.policy
        return {
            "row": self.row.name,
            "against": self.row.against,
            **self.figures.to_json(),
            "f1_unseen": round(self.unseen.f1.estimate, 4),
            "f1_train_folds": round(self.fitted.f1, 4),
            "threshold": round(policy.match_threshold, 4),
            "weights": {str(modality): weight for modality, weight in policy.weights.items()},
            "neighbors": policy.blend.neighbors,
            "blend_threshold": policy.blend.threshold if policy.blend.neighbors else None,
            "vetoes": sorted(policy.vetoes),
            "trees": self.fitted.trees,
        }


@dataclass(frozen=True, slots=True)
class SetMeasured:
    """Every row on one set."""

    train: Labelled
    valid: Labelled
    seen: int
    rows: Sequence[Measured]

    def to_json(self) -> dict:
        """As the file of results keeps it."""
        sizes = {
            name: {"pairs": len(part), "same": int(part.same.sum()), "records": len(part.listing_ids)}
            for name, part in (("train", self.train), ("valid", self.valid))
        }
        return {**sizes, "valid_pairs_also_in_train": self.seen, "rows": [one.to_json() for one in self.rows]}


def measure_trained(folder: Path, kept: Path, tell: Callable[[str], None]) -> SetMeasured:
    """The rule and the scorer under encoders trained on `train.txt`, each pair by one that did not see it.

    Args:
        folder: that holds both files.
        kept: folder of encoders and rows.
        tell: told what it is at.
    """
    train, valid = trained_grounds(folder, Making(kept, tell))
    divided, found, done = Divided(train.labelled), {}, []
    for row in trained_rows():
        fitted = fit(row, train, divided)
        found[row.name] = _matched(valid, fitted)
        done.append(_measured(row, fitted, (train, valid), (found[row.name], found.get(row.against))))
        tell(f"{row.name}: F1 {done[-1].figures.f1.estimate:.3f}")
    return SetMeasured(train.labelled, valid.labelled, 0, done)


def trained_rows() -> list[Row]:
    """What is measured again with trained encoders."""
    rule, scorer = Row(RULE), Row(SCORER, against=RULE, scorer=True)
    text = Row("text similarity alone", against=RULE, modalities=(Modality.TEXT,), vetoes=False)
    return [rule, text, scorer]


def measure_set(folder: Path, tell: Callable[[str], None]) -> SetMeasured:
    """Fit every row to `train.txt` and score `valid.txt` with it, once.

    Args:
        folder: that holds both files.
        tell: told what it is at.
    """
    with TemporaryDirectory(prefix="matchstream-") as kept:
        sources = {
            plain: _grounds(folder, AS_THEY_STAND if plain else Titles(), Path(kept), tell) for plain in (False, True)
        }
        divided = {plain: Divided(train.labelled) for plain, (train, _) in sources.items()}
        found: dict[str, Flags] = {}
        done: list[Measured] = []
        for row in rows():
            train, valid = sources[row.plain]
            fitted = fit(row, train, divided[row.plain])
            matched = _matched(valid, fitted)
            found.setdefault(row.name, matched)
            done.append(_measured(row, fitted, (train, valid), (matched, found.get(row.against))))
            tell(f"{row.name}: F1 {done[-1].figures.f1.estimate:.3f}")
    train, valid = sources[False]
    seen = int(already_in(train.labelled, valid.labelled).sum())
    return SetMeasured(train.labelled, valid.labelled, seen, done)


def _grounds(folder: Path, titles: Titles, kept: Path, tell: Callable[[str], None]) -> tuple[Ground, Ground]:
    files = [read_pairs(folder / name, titles) for name in ("train.txt", "valid.txt")]
    tell(f"embedding {len({one for file in files for one in file.listing_ids})} records")
    bundle = fit_on(files[0], kept / f"bundle-{titles.words}")
    train, valid = embed_all(files, bundle, kept / "rows", tell)
    return train, valid


def _matched(ground: Ground, fitted: Fitted) -> Flags:
    outcomes = decide(ground.pairs(fitted.rules.policy), fitted.rules).outcomes
    return np.asarray(outcomes == Outcome.MATCH)


def _measured(row: Row, fitted: Fitted, files: tuple[Ground, Ground], found: tuple[Flags, Flags | None]) -> Measured:
    train, valid = files[0].labelled, files[1].labelled
    matched, other = found
    fresh = ~already_in(train, valid)
    return Measured(row, fitted, measure(valid, matched, other), measure(valid.at(fresh), matched[fresh]))


def already_in(train: Labelled, valid: Labelled) -> Flags:
    """(p,) which of the one file's pairs read like a pair of the other."""
    known = set(train.pair_ids)
    return np.array([pair in known for pair in valid.pair_ids], dtype=bool)
