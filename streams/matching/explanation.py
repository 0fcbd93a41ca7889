"""Why two listings are the same product, or not: everything the decision on one pair rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from encoders.types import Embedding, Modality
from streams.events.judgements import Verdict
from streams.matching.decision import VERDICT_CODES, Decisions, Outcome, decide, looked_at, sure_of, thresholds_of
from streams.matching.details import Described
from streams.matching.lists import shown
from streams.matching.pairs import Pairs
from streams.matching.policy import Policy, Thresholds
from streams.matching.rules import Rules
from streams.matching.similarity import Similarities, Table, similarities
from streams.matching.variants import Veto, vetoes_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision with all its numbers.

    Args:
        outcome: what was decided.
        reason: what decided, in words.
        score: what was compared with the thresholds.
        thresholds: the pair's.
        combined: the combined blended similarity; -1 where the two have no modality in common.
        blended: per modality that both have, the similarity that counted.
        worth: the same after calibration.
        vetoes: every contradiction of a kind that the policy looks at, whatever the score.
        contributions: what each comparison of the pair scorer adds to the log odds, the largest first.
    """

    outcome: Outcome
    reason: str
    score: float
    thresholds: Thresholds
    combined: float
    blended: Mapping[Modality, float]
    worth: Mapping[Modality, float]
    vetoes: tuple[Veto, ...] = ()
    contributions: Mapping[str, float] = field(default_factory=dict)


def explain(own: Described, other: Described, rules: Rules, verdict: Verdict | None = None) -> Explanation:
    """Decide on two listings as the stream does, and tell all of it.

    Args:
        own: one listing, its embedding blended.
        other: the other.
        rules: what decides.
        verdict: what a person said of the two.
    """
    found = compared(own.embedding, other.embedding, rules.policy)
    pairs = _pair(own, other, found)
    codes = None if verdict is None else np.array([VERDICT_CODES[verdict]], dtype=np.int8)
    decisions = decide(pairs, rules, codes)
    vetoes = vetoes_of(own.details, other.details, rules.policy.vetoes) if rules.policy.vetoes else ()
    thresholds = thresholds_of(own.details, other.details, rules.policy)
    single = {modality: float(part[0, 0]) for modality, part in found.single.items() if not np.isnan(part[0, 0])}
    return Explanation(
        outcome=_outcome(pairs, decisions, rules, verdict),
        reason=_reason(pairs, decisions, rules, verdict),
        score=float(decisions.scores[0]),
        thresholds=thresholds,
        combined=float(found.combined[0, 0]),
        blended=single,
        worth={modality: _worth(modality, value, rules.policy) for modality, value in single.items()},
        vetoes=vetoes,
        contributions=_contributions(pairs, rules),
    )


def compared(own: Embedding, other: Embedding, policy: Policy) -> Similarities:
    """Two embeddings side by side: arrays of one row and one column."""
    return similarities(Table.of({"own": own}), Table.of({"other": other}), policy)


def _pair(own: Described, other: Described, found: Similarities) -> Pairs:
    first = np.zeros(1, dtype=np.intp)
    single = {modality: part[0] for modality, part in found.single.items()}
    return Pairs([own.details], [other.details], first, first, single, found.combined[0])


def _looked_at(pairs: Pairs, rules: Rules) -> bool:
    """Whether the two are similar enough for the stream to look at them at all."""
    return bool(looked_at(pairs, rules.policy)[0])


def _outcome(pairs: Pairs, decisions: Decisions, rules: Rules, verdict: Verdict | None) -> Outcome:
    if verdict is not Verdict.SAME and not _looked_at(pairs, rules):
        return Outcome.NO
    return Outcome(int(decisions.outcomes[0]))


def _reason(pairs: Pairs, decisions: Decisions, rules: Rules, verdict: Verdict | None) -> str:
    """What came first in the order of the decision."""
    if verdict in {Verdict.SAME, Verdict.DIFFERENT}:
        return f"judged {verdict}"
    if not _looked_at(pairs, rules):
        return f"not compared: combined {pairs.combined[0]:.2f} is below {shown(rules.policy.candidates)}"
    if vetoes := decisions.vetoes.get(0):
        return "vetoed: " + "; ".join(veto.reason for veto in vetoes)
    return _by_score(pairs, decisions, rules)


def _by_score(pairs: Pairs, decisions: Decisions, rules: Rules) -> str:
    name = "combined" if rules.scorer is None else "probability"
    thresholds = thresholds_of(pairs.owners[0], pairs.others[0], rules.policy)
    value = float(decisions.scores[0])
    if value >= thresholds.match:
        return f"{name} {value:.4f}>={shown(thresholds.match)}"
    if sure_of(pairs, rules)[0]:
        return "one modality is sure: " + ", ".join(
            f"{modality} {pairs.single[modality][0]:.4f}>={shown(least)}"
            for modality, least in rules.policy.sure_thresholds.items()
            if modality in pairs.single and pairs.single[modality][0] >= least
        )
    if thresholds.review is not None and value >= thresholds.review:
        return f"{name} {value:.4f} is between {shown(thresholds.review)} and {shown(thresholds.match)}"
    return f"{name} {value:.4f}<{shown(thresholds.match if thresholds.review is None else thresholds.review)}"


def _worth(modality: Modality, similarity: float, policy: Policy) -> float:
    curve = policy.calibrations.get(modality)
    return similarity if curve is None else float(curve.of(np.array(similarity)))


def _contributions(pairs: Pairs, rules: Rules) -> dict[str, float]:
    if rules.scorer is None:
        return {}
    [found] = rules.scorer.contributions(pairs)
    return dict(sorted(found.items(), key=lambda one: -abs(one[1])))
