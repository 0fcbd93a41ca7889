"""The worst mistakes: false pairs that scored highest, missed pairs that scored lowest, with the reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from encoders.metrics.lists import Floats, Places
from streams.evaluation.comparing import VETOED, Compared
from streams.evaluation.measuring import Row
from streams.learning import Candidates, LabelledCatalogue
from streams.matching.decision import score
from streams.matching.similarity import Table, similarities
from streams.matching.variants import vetoes_of

_SAYING_MOST = 6


@dataclass(frozen=True, slots=True)
class Mistake:
    """A pair that was decided wrongly.

    Args:
        one: place of one listing.
        other: place of the other.
        score: the scorer's probability or the combined similarity, before any veto.
        combined: the combined similarity.
        single: similarity per modality that both have.
        vetoes: in words.
        contributions: what each comparison added to the scorer's log odds, what says most first.
    """

    one: int
    other: int
    score: float
    combined: float
    single: Mapping[str, float]
    vetoes: tuple[str, ...]
    contributions: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Mistakes:
    """The worst of each kind, and how many there are.

    Args:
        false: matched but of two products, the highest score first.
        missed: of one product but not matched, the lowest score first.
        all_false: how many pairs are false.
        all_missed: how many are missed.
    """

    false: tuple[Mistake, ...]
    missed: tuple[Mistake, ...]
    all_false: int
    all_missed: int


def mistakes_of(row: Row, catalogue: LabelledCatalogue, limit: int) -> Mistakes:
    """Find them; at most one for the same two products, so that one bad product does not fill the page.

    Missed pairs that were no candidates come first: nothing made them alike enough to be looked at.
    """
    found, codes = row.compared.candidates, catalogue.codes
    same = found.same(codes)
    false = np.flatnonzero(row.matched & ~same)
    false = false[np.argsort(-row.compared.scores[false], kind="stable")]
    missed = _missed(row, codes)
    worst = _one_each(found.one[false], found.other[false], codes, limit)
    least = _one_each(missed[0], missed[1], codes, limit)
    return Mistakes(
        _explained(row.compared, catalogue, found.one[false][worst], found.other[false][worst]),
        _explained(row.compared, catalogue, missed[0][least], missed[1][least]),
        len(false),
        len(missed[0]),
    )


def _missed(row: Row, codes: Places) -> tuple[Places, Places]:
    """Pairs of one product that are not matched, those that are no candidates first, then by score."""
    found = row.compared.candidates
    one, other = _true_pairs(codes)
    keys = found.one * len(codes) + found.other
    order = np.argsort(keys)
    wanted = one * len(codes) + other
    place = order[np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)] if len(keys) else wanted * 0
    known = keys[place] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool)
    matched = np.zeros(len(wanted), dtype=bool)
    matched[known] = row.matched[place[known]]
    scores: Floats = np.full(len(wanted), 2 * VETOED)
    scores[known] = row.compared.scores[place[known]]
    places = np.flatnonzero(~matched)
    places = places[np.argsort(scores[places], kind="stable")]
    return one[places], other[places]


def _true_pairs(codes: Places) -> tuple[Places, Places]:
    """Every pair of listings of one product, by place, the smaller first."""
    order = np.argsort(codes, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(codes[order])) + 1)
    none = np.empty(0, np.intp)
    pairs = [tuple(group[part] for part in np.triu_indices(len(group), 1)) for group in groups if len(group) > 1]
    return (
        np.concatenate([none, *(one for one, _ in pairs)]),
        np.concatenate([none, *(other for _, other in pairs)]),
    )


def _one_each(one: Places, other: Places, codes: Places, limit: int) -> Places:
    """The places of the first pair between each two products, at most so many."""
    low, high = np.minimum(codes[one], codes[other]), np.maximum(codes[one], codes[other])
    _, first = np.unique(low * (int(codes.max(initial=0)) + 1) + high, return_index=True)
    return np.sort(first)[:limit].astype(np.intp)


def _explained(compared: Compared, catalogue: LabelledCatalogue, one: Places, other: Places) -> tuple[Mistake, ...]:
    if not len(one):
        return ()
    pairs = _compared_anew(compared, catalogue, one, other).pairs
    scores, scorer = score(pairs, compared.rules), compared.rules.scorer
    said: Sequence[Mapping[str, float]] = scorer.contributions(pairs) if scorer else [{}] * len(one)
    return tuple(
        Mistake(
            int(one[i]),
            int(other[i]),
            float(scores[i]),
            float(pairs.combined[i]),
            {m.value: float(part[i]) for m, part in pairs.single.items() if not np.isnan(part[i])},
            tuple(
                veto.reason
                for veto in vetoes_of(
                    catalogue.details[one[i]], catalogue.details[other[i]], compared.rules.policy.vetoes
                )
            ),
            dict(sorted(said[i].items(), key=lambda item: -abs(item[1]))[:_SAYING_MOST]),
        )
        for i in range(len(one))
    )


def _compared_anew(compared: Compared, catalogue: LabelledCatalogue, one: Places, other: Places) -> Candidates:
    """Some pairs, whether they are candidates or not."""
    involved, places = np.unique(np.concatenate([one, other]), return_inverse=True)
    ids = [catalogue.listing_ids[i] for i in involved.tolist()]
    table = Table.of({listing_id: compared.view[listing_id] for listing_id in ids})
    found = similarities(table, table, compared.variation.policy)
    rows, columns = places[: len(one)], places[len(one) :]
    single = {modality: part[rows, columns] for modality, part in found.single.items()}
    return Candidates(catalogue.details, one, other, single, found.combined[rows, columns])
