"""From decisions to lists: the matches of a listing, and those that somebody should look at, with evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, starmap

import numpy as np
from numpy.typing import NDArray

from streams.events.judgements import Verdict
from streams.events.matches import Match, MatchList
from streams.matching.decided import Decided, Tell, tell_nobody
from streams.matching.decision import VERDICT_CODES, Decisions, Outcome, decide, thresholds_of
from streams.matching.details import Details
from streams.matching.pairs import Pairs, Places
from streams.matching.rules import Rules, Verdicts
from streams.matching.similarity import Similarities, sure

SHOWN_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Side:
    """The listings on one side of a comparison, in the order of rows or columns of the similarities."""

    listing_ids: Sequence[str]
    details: Sequence[Details]


@dataclass(frozen=True, slots=True)
class Compared:
    """Some listings beside others.

    Args:
        owners: q listings.
        others: n listings; an owner may be among them and is never compared with itself.
        found: blended similarities, (q, n).
        verdicts: what people said.
    """

    owners: Side
    others: Side
    found: Similarities
    verdicts: Verdicts = field(default_factory=dict)


def match_lists(compared: Compared, rules: Rules, tell: Tell = tell_nobody) -> list[MatchList]:
    """The list of each owner, the highest score first, ties by listing id; what was decided is told."""
    pairs = candidates(compared, rules)
    verdicts = _verdicts(pairs, compared)
    decisions = decide(pairs, rules, verdicts)
    tell(Decided(pairs, decisions, verdicts))
    ranked = _ranked(pairs, decisions, compared)
    evidence = _Evidence(pairs, decisions, verdicts, compared, rules)
    starts = np.searchsorted(pairs.own[ranked], np.arange(len(compared.owners.listing_ids) + 1)).tolist()
    return [_list(ranked[start:stop], evidence) for start, stop in pairwise(starts)]


def related(compared: Compared, rules: Rules) -> list[list[str]]:
    """For each owner the listings whose lists it is in."""
    pairs = candidates(compared, rules)
    decisions = decide(pairs, rules, _verdicts(pairs, compared))
    result: list[list[str]] = [[] for _ in compared.owners.listing_ids]
    for place in np.flatnonzero(decisions.outcomes != Outcome.NO).tolist():
        result[pairs.own[place]].append(compared.others.listing_ids[pairs.other[place]])
    return result


def candidates(compared: Compared, rules: Rules) -> Pairs:
    """The pairs that can be anything but no, in the order of the owners."""
    found = compared.found
    worth = (found.combined >= rules.policy.candidates) | sure(found.single, rules.policy, found.combined.shape)
    columns = {listing_id: j for j, listing_id in enumerate(compared.others.listing_ids)}
    for i, listing_id in enumerate(compared.owners.listing_ids):
        for other, verdict in compared.verdicts.get(listing_id, {}).items():
            if verdict is Verdict.SAME and other in columns:
                worth[i, columns[other]] = True
        if listing_id in columns:
            worth[i, columns[listing_id]] = False
    rows, places = np.nonzero(worth)
    single = {modality: part[rows, places] for modality, part in found.single.items()}
    combined = found.combined[rows, places]
    return Pairs(compared.owners.details, compared.others.details, rows, places, single, combined)


def _verdicts(pairs: Pairs, compared: Compared) -> NDArray[np.int8] | None:
    if not compared.verdicts:
        return None
    own, other = compared.owners.listing_ids, compared.others.listing_ids

    def code(i: int, j: int) -> int:
        verdict = compared.verdicts.get(own[i], {}).get(other[j])
        return 0 if verdict is None else VERDICT_CODES[verdict]

    places = zip(pairs.own.tolist(), pairs.other.tolist(), strict=True)
    return np.fromiter(starmap(code, places), dtype=np.int8, count=len(pairs))


def _ranked(pairs: Pairs, decisions: Decisions, compared: Compared) -> Places:
    """The places of pairs that are in some list: by owner, then score, then the other's id."""
    kept = np.flatnonzero((decisions.outcomes != Outcome.NO) | (decisions.unjudged == Outcome.MATCH))
    ids = np.array([compared.others.listing_ids[j] for j in pairs.other[kept].tolist()], dtype=object)
    order = sorted(range(len(kept)), key=lambda k: (pairs.own[kept[k]], -decisions.scores[kept[k]], ids[k]))
    return kept[order]


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What the decision on each pair rests on."""

    pairs: Pairs
    decisions: Decisions
    verdicts: NDArray[np.int8] | None
    compared: Compared
    rules: Rules

    def matched(self, place: int) -> bool:
        return self._outcome(place) is Outcome.MATCH

    def reviewed(self, place: int) -> bool:
        return self._outcome(place) is Outcome.REVIEW

    def overruled(self, place: int) -> bool:
        return self._outcome(place) is Outcome.NO and self._unjudged(place) is Outcome.MATCH

    def match(self, place: int) -> Match:
        """The pair as it stands in its owner's list."""
        pairs = self.pairs
        similarities = {m: float(part[place]) for m, part in pairs.single.items() if not np.isnan(part[place])}
        evidence: dict[str, float | str] = {m.value: round(s, SHOWN_DECIMALS) for m, s in similarities.items()}
        if self.rules.scorer is not None:
            evidence["probability"] = round(float(self.decisions.scores[place]), SHOWN_DECIMALS)
        evidence["rule"] = self._rule(place)
        if self._judged(place):
            evidence["unjudged"] = self._unjudged(place).name.lower()
        other = self.compared.others.listing_ids[pairs.other[place]]
        return Match(other, round(float(pairs.combined[place]), SHOWN_DECIMALS), evidence, strong=self._strong(place))

    def _outcome(self, place: int) -> Outcome:
        return Outcome(int(self.decisions.outcomes[place]))

    def _unjudged(self, place: int) -> Outcome:
        return Outcome(int(self.decisions.unjudged[place]))

    def _judged(self, place: int) -> bool:
        return self.verdicts is not None and bool(self.verdicts[place])

    def _judged_same(self, place: int) -> bool:
        return self._judged(place) and self.matched(place)

    def _strong(self, place: int) -> bool:
        least = self.rules.policy.strong_threshold
        return self._judged_same(place) or least is None or bool(self.decisions.scores[place] >= least)

    def _rule(self, place: int) -> str:
        """What decided, in the words of the contract."""
        if self._judged(place):
            return "judged same" if self._judged_same(place) else "judged different"
        pairs, policy = self.pairs, self.rules.policy
        own, other = pairs.owners[pairs.own[place]], pairs.others[pairs.other[place]]
        thresholds, value = thresholds_of(own, other, policy), float(self.decisions.scores[place])
        name = "combined" if self.rules.scorer is None else "probability"
        if value >= thresholds.match:
            return f"{name}>={shown(thresholds.match)}"
        if self.reviewed(place) and thresholds.review is not None:
            return f"{shown(thresholds.review)}<={name}<{shown(thresholds.match)}"
        enough = next(
            modality
            for modality, least in policy.sure_thresholds.items()
            if modality in pairs.single and pairs.single[modality][place] >= least
        )
        return f"{enough.value}>={shown(policy.sure_thresholds[enough])}"


def _list(places: Places, evidence: _Evidence) -> MatchList:
    def of(kept: Callable[[int], bool]) -> tuple[Match, ...]:
        return tuple(map(evidence.match, list(filter(kept, places.tolist()))[: evidence.rules.policy.list_limit]))

    return MatchList(of(evidence.matched), of(evidence.reviewed), of(evidence.overruled))


def shown(threshold: float) -> str:
    """With two decimals, or with all it has: a calibrated one must not look like another."""
    return max(f"{threshold:.2f}", str(threshold), key=len)
