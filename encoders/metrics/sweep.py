"""Every threshold at once: precision, recall and the mean F1 of lists, from strict to loose."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Counts, Entries, Flags, Floats


@dataclass(frozen=True, slots=True)
class Sweep:
    """What each threshold would bring, the strictest first.

    Args:
        thresholds: (t,) the scores there are, falling.
        precision: (t,) over pairs, counted as in `Rates`.
        recall: (t,) likewise.
        f1: (t,) likewise.
        mean_f1: (t,) mean over listings of the F1 of their lists, themselves included.
    """

    thresholds: Floats
    precision: Floats
    recall: Floats
    f1: Floats
    mean_f1: Floats

    def best(self, values: Floats) -> float:
        """The threshold with the highest of `values`, (t,); in between its score and the next lower one.

        The middle, because the score itself is that of one pair, and no other pair has exactly this one.
        1 where there is no pair at all, or where none is worth matching.
        """
        if not len(values):
            return 1.0
        at = int(np.argmax(values))
        below = self.thresholds[at + 1] if at + 1 < len(self.thresholds) else self.thresholds[at]
        return float((self.thresholds[at] + below) / 2)


def sweep(entries: Entries, listings: Flags | None = None) -> Sweep:
    """Try every score that occurs as the threshold.

    Args:
        entries: what has a negative score is never matched.
        listings: (n,) whose lists count; None takes all.
    """
    chosen = np.ones(len(entries.products), dtype=bool) if listings is None else listings
    some = entries.at(chosen[entries.own] & (entries.score >= 0))
    order = np.argsort(-some.score, kind="stable")
    scores = some.score[order]
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.empty(0, np.intp)
    right, found = np.cumsum(some.same[order])[last], last + 1.0
    true = float(entries.others[chosen].sum())
    precision = right / found
    recall = right / true if true else np.ones(len(last))
    mean = _mean_f1(some, order, entries.others, int(chosen.sum()), _f1_of_nobody(entries.others[chosen]))[last]
    return Sweep(scores[last], precision, recall, 2 * right / (found + true), mean)


def average_precision(swept: Sweep) -> float:
    """Area under the precision-recall curve: the mean precision weighted by how much recall each threshold adds.

    True pairs that are no candidates count as never found.
    """
    return float(np.sum(np.diff(swept.recall, prepend=0.0) * swept.precision))


def recall_at_precision(swept: Sweep, precision: float) -> float:
    """The highest recall that any threshold of at least this precision has; 0 where none has it."""
    enough = swept.recall[swept.precision >= precision]
    return float(enough.max(initial=0.0))


def _f1_of_nobody(others: Counts) -> float:
    """Sum of the F1 of empty lists, each holding the listing itself."""
    return float(np.sum(2.0 / (others + 2.0)))


def _mean_f1(some: Entries, order: Counts, others: Counts, listings: int, start: float) -> Floats:
    """The mean F1 of the lists after each entry in `order` was added: (e,).

    One entry changes the F1 of one list, so the mean moves by that much: all of it is two sorts and two sums.
    """
    by_listing = order[np.argsort(some.own[order], kind="stable")]
    own = some.own[by_listing]
    first = np.append(True, own[1:] != own[:-1]) if len(own) else np.empty(0, dtype=bool)
    begins = np.flatnonzero(first)
    lengths = np.diff(np.append(begins, len(own)))
    same = some.same[by_listing].astype(np.int64)
    total = np.cumsum(same)
    before = np.repeat(total[begins] - same[begins], lengths)
    right, found = total - before, np.arange(len(own)) - np.repeat(begins, lengths) + 1
    f1 = 2 * (right + 1.0) / (found + others[own] + 2.0)
    previous = np.where(first, 2.0 / (others[own] + 2.0), np.append(0.0, f1[:-1])) if len(own) else f1
    change = np.empty(len(own))
    change[by_listing] = f1 - previous
    result: Floats = (start + np.cumsum(change[order])) / max(listings, 1)
    return result
