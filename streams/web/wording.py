"""Why two listings match, in words for people: the rule and the evidence of match events."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from streams.events.matches import Evidence

LOOKED_AT: Final[Mapping[str, str]] = {
    "image": "photos",
    "text": "titles",
    "joint_image": "what photos show",
    "joint_text": "what titles mean",
    "text_or_caption": "titles or captions",
    "joint": "photo and title together",
    "lexical": "words",
    "lexical_or_caption": "words of titles or captions",
}
"""What each modality looks at."""

_NEARLY: Final = 0.999
_NUMBER: Final = r"[0-9]+(?:\.[0-9]+)?(?:e-?[0-9]{1,3})?"
_REACHED: Final = re.compile(rf"(?P<name>\w+)>=(?P<enough>{_NUMBER})")
_BETWEEN: Final = re.compile(rf"(?P<least>{_NUMBER})<=(?P<name>\w+)<(?P<enough>{_NUMBER})")


def rule_in_words(evidence: Evidence, similarity: float) -> str:
    """What decided, with the number that did: '99 % likely the same (90 % is enough)'."""
    rule = str(evidence.get("rule", ""))
    if found := _BETWEEN.fullmatch(rule):
        name, least, enough = found["name"], found["least"], found["enough"]
        between = f"between {threshold_in_words(name, float(least))} and {threshold_in_words(name, float(enough))}"
        return f"{_scored(name, evidence, similarity)}, {between}, so people decide"
    if found := _REACHED.fullmatch(rule):
        name, enough = found["name"], threshold_in_words(found["name"], float(found["enough"]))
        if name in LOOKED_AT:
            return f"{LOOKED_AT[name]} {evidence.get(name, similarity):.2f} alike, enough by itself from {enough}"
        return f"{_scored(name, evidence, similarity)} ({enough} is enough)"
    return {"judged same": "people judged them the same", "judged different": "people judged them different"}.get(
        rule, rule
    )


def similarities_in_words(evidence: Evidence) -> str:
    """How alike they are, one thing looked at after the other: 'titles 0.94, photos 1.00'."""
    values = ((words, evidence.get(name)) for name, words in LOOKED_AT.items())
    return ", ".join(f"{words} {value:.2f}" for words, value in values if isinstance(value, float | int))


def reason(evidence: Evidence, similarity: float) -> str:
    """Both, as one sentence."""
    return ": ".join(filter(None, (rule_in_words(evidence, similarity), similarities_in_words(evidence))))


def percent(share: float) -> str:
    """A probability as people read it; what is nearly certain is not called certain."""
    if share > _NEARLY:
        return "over 99.9 %"
    return f"{share * 100:.1f}".removesuffix(".0") + " %"


def threshold_in_words(name: str, threshold: float) -> str:
    """A threshold of that score, with all its digits."""
    if name == "probability":
        return f"{threshold * 100:.2f}".rstrip("0").removesuffix(".") + " %"
    return max(f"{threshold:.2f}", str(threshold), key=len)


def _scored(name: str, evidence: Evidence, similarity: float) -> str:
    if name != "probability":
        return f"similarity {similarity:.2f}"
    value = evidence.get("probability", similarity)
    return f"{percent(float(value))} likely the same"
