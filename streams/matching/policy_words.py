"""How a bundle matches, in words."""

from __future__ import annotations

from collections.abc import Iterator

from streams.matching.policy import NEVER, Combination, Policy, Thresholds

_CATEGORIES_SHOWN = 6


def policy_in_words(policy: Policy) -> Iterator[tuple[str, str]]:
    """A line at a time: what, and how."""
    yield "similarity", _combined(policy)
    if policy.calibrations:
        yield "calibrated", f"{', '.join(policy.calibrations)}: a similarity counts as what it was found to be worth"
    yield "blended", _blended(policy)
    if policy.scorer:
        least = f"{policy.candidate_threshold or 0:g}"
        yield "decided by", f"the pair scorer {policy.scorer}, for pairs whose similarity is {least} or more"
    yield "match", _from(Thresholds(match=policy.match_threshold, review=policy.review_threshold), _score(policy))
    if policy.strong_threshold is not None:
        yield "strong", f"from {policy.strong_threshold:g} one match joins two products"
    if policy.sure_thresholds and not policy.scorer:
        each = ", ".join(f"{modality} from {value:g}" for modality, value in policy.sure_thresholds.items())
        yield "sure", f"by itself: {each}"
    yield "kept apart", f"by {', '.join(sorted(policy.vetoes))}" if policy.vetoes else "by nothing"
    if policy.categories:
        yield "categories", _categories(policy)
    yield "lists", f"of {policy.list_limit} at most"
    if policy.version:
        yield "thresholds", policy.version


def _combined(policy: Policy) -> str:
    if len(policy.weights) == 1:
        return f"{next(iter(policy.weights))} alone"
    if policy.combination is Combination.PRODUCT:
        return f"one minus the product of the distances of {', '.join(policy.weights)}"
    return "mean of " + " : ".join(f"{modality} {weight:g}" for modality, weight in policy.weights.items())


def _blended(policy: Policy) -> str:
    if not policy.blend.neighbors:
        return "with nobody"
    each = ", ".join(
        f"; {modality} with {one.neighbors} from {one.threshold:g}" for modality, one in policy.blend.narrower.items()
    )
    return f"with the {policy.blend.neighbors} nearest from {policy.blend.threshold:g}{each}"


def _score(policy: Policy) -> str:
    return "probability" if policy.scorer else "similarity"


def _from(thresholds: Thresholds, score: str) -> str:
    match = "never by itself" if thresholds.match == NEVER else f"from {score} {thresholds.match:g}"
    return match if thresholds.review is None else f"{match}, for review from {thresholds.review:g}"


def _categories(policy: Policy) -> str:
    some = list(policy.categories.items())
    shown = [f"{name} {_from(one, _score(policy))}" for name, one in some[:_CATEGORIES_SHOWN]]
    more = len(some) - len(shown)
    return "; ".join([*shown, *([f"and {more} more"] if more else [])])
