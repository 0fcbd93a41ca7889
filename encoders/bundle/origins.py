"""Where a bundle comes from, read from its provenance: whoever wrote it may have written anything."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from encoders.bundle.reading import Bundle, new_digest

_LISTED_AT_MOST = 8
_CURVE = {"x", "y"}
_DIGEST = re.compile(r"\b([0-9a-f]{12})[0-9a-f]{12,}\b")


@dataclass(frozen=True, slots=True)
class Origin:
    """One bundle of a chain in which each is based on the next.

    Args:
        name: of the bundle.
        digest: of the bundle; empty if unknown.
        facts: its provenance without what it is based on.
    """

    name: str
    digest: str
    facts: Mapping[str, Any]


def origins_of(bundle: Bundle) -> list[Origin]:
    """The bundle, then what it is based on, and so on."""
    origins = []
    name, digest, provenance = bundle.name, bundle.digest, bundle.provenance
    while True:
        origins.append(Origin(name, digest, {key: value for key, value in provenance.items() if key != "base"}))
        base = provenance.get("base")
        if not isinstance(base, Mapping):
            return origins
        name, digest = str(base.get("name", "")), str(base.get("digest", ""))
        inner = base.get("provenance")
        provenance = inner if isinstance(inner, Mapping) else {}


def metrics_of(bundle: Bundle) -> dict[str, float]:
    """Every figure of the chain by name; of two of one name the newer."""
    figures: dict[str, float] = {}
    for origin in reversed(origins_of(bundle)):
        for modality, run in _mapping(_mapping(origin.facts, "training"), "runs").items():
            figures |= _figures(run.get("trained") if isinstance(run, Mapping) else None, f"{modality} ")
        figures |= _figures(origin.facts.get("metrics"))
        findings = _findings(origin.facts)
        if findings and _is_number(findings[-1].get("mean_f1")):
            figures["mean_f1_on_folds"] = float(findings[-1]["mean_f1"])
    return figures


def _figures(value: Any, prefix: str = "") -> dict[str, float]:
    return {f"{prefix}{'.'.join(path)}": float(one) for path, one in leaves(value) if _is_number(one)}


def _mapping(value: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What is inside under this name, if it is an object."""
    inner = value.get(name)
    return inner if isinstance(inner, Mapping) else {}


def facts_in_words(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Provenance a line at a time: what, and what it says."""
    for name, value in facts.items():
        if name == "command":
            yield name, command_in_words(value)
        elif name == "learned" and isinstance(value, Mapping):
            yield name, in_words({key: one for key, one in value.items() if key != "findings"})
            yield from (("", _finding(one)) for one in _findings(facts))
        elif value is not None:
            yield from _in_lines(name, value)


def _in_lines(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """An object that holds others has a line for each of them."""
    inner = {key: one for key, one in value.items() if isinstance(one, Mapping)} if isinstance(value, Mapping) else {}
    if not inner:
        yield name, in_words(value)
        return
    yield name, in_words({key: one for key, one in value.items() if key not in inner})
    yield from (("", f"{key}: {in_words(one)}") for key, one in inner.items())


def command_in_words(value: Any) -> str:
    """As it can be typed again."""
    return shlex.join(map(str, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def in_words(value: Any) -> str:
    """Any JSON value on one line; digests, curves and long lists in short."""
    if isinstance(value, Mapping):
        if value.keys() == _CURVE:
            return f"a curve ({_seal(value)})"
        return ", ".join(f"{'.'.join(path)} {in_words(one)}" for path, one in leaves(value))
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return _list_in_words(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return _DIGEST.sub(r"\1", str(value))


def _list_in_words(values: Sequence[Any]) -> str:
    if len(values) > _LISTED_AT_MOST or any(isinstance(one, Mapping | list) for one in values):
        return f"{len(values)} values ({_seal(values)})"
    return f"[{', '.join(map(in_words, values))}]"


def _seal(value: Any) -> str:
    """A few digits that tell two values apart."""
    return new_digest(orjson.dumps(value)).hexdigest()[:6]


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """What is inside nested objects, by its path; what is None or empty is left out, and a curve is one value."""
    if isinstance(value, Mapping) and value.keys() != _CURVE:
        for key, one in value.items():
            yield from leaves(one, (*path, str(key)))
    elif value is not None and value not in ([], ()):
        yield path, value


def _findings(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = _mapping(facts, "learned").get("findings")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def _finding(one: Mapping[str, Any]) -> str:
    figure = f", mean F1 {one['mean_f1']:.3f}" if _is_number(one.get("mean_f1")) else ""
    return f"{one.get('choice', '')}: {one.get('chosen', '')}{figure}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
