"""What a decision on two listings rests on, in words for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from encoders.types import Modality

_NAMES: Final[Mapping[str, str]] = {
    Modality.IMAGE: "Photos",
    Modality.TEXT: "Meaning of the titles",
    Modality.LEXICAL: "Letters of the titles",
    Modality.JOINT: "Photo and words together",
}
_SCORES: Final = {"combined": "similarity of everything together", "probability": "probability of one product"}
_BAND: Final = re.compile(r"([0-9.e-]+)<=([a-z]+)<([0-9.e-]+)")
_ENOUGH: Final = re.compile(r"([a-z]+)>=([0-9.e-]+)")


class Gauge(NamedTuple):
    """A number to show as a bar, from 0 to 1."""

    name: str
    value: float


class Reasons(NamedTuple):
    """Why a pair is where it is.

    Attributes:
        sentence: the rule in words.
        gauges: the similarities behind it.
    """

    sentence: str
    gauges: tuple[Gauge, ...]


def reasons(similarity: float, evidence: Mapping[str, Any]) -> Reasons:
    """The reasons of a pair that was told, from its combined similarity and its evidence."""
    gauges = [Gauge(label, float(evidence[name])) for name, label in _NAMES.items() if name in evidence]
    if len(gauges) > 1 and similarity >= 0:
        gauges.append(Gauge("Everything together", similarity))
    if "probability" in evidence:
        gauges.append(Gauge("Probability of one product", float(evidence["probability"])))
    return Reasons(sentence(str(evidence.get("rule", "")), similarity, evidence), tuple(gauges))


def sentence(rule: str, similarity: float, evidence: Mapping[str, Any]) -> str:
    """What decided, as a sentence; the rule as it is told where it is of no known form."""
    if found := _BAND.fullmatch(rule):
        least, name, enough = found.groups()
        value = _value(name, similarity, evidence)
        return f"The {_SCORES.get(name, name)}, {value}, lies between {least} (worth a look) and {enough} (a match)."
    if found := _ENOUGH.fullmatch(rule):
        name, enough = found.groups()
        value = _value(name, similarity, evidence)
        if name in _NAMES:
            return f"{_NAMES[name]} alone are enough: {value}, and {enough} makes a match."
        return f"The {_SCORES.get(name, name)}, {value}, reaches {enough}, which makes a match."
    return f"Decided by: {rule}." if rule else "Nothing is told of why."


def _value(name: str, similarity: float, evidence: Mapping[str, Any]) -> str:
    found = similarity if name == "combined" else evidence.get(name)
    return f"{found:.2f}" if isinstance(found, int | float) else "not told"
