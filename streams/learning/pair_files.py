"""Files of pairs of listings, with what was said of each: one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from streams.errors import SettingsError
from streams.events.judgements import Verdict

Pair = tuple[str, str]

_BOM = b"\xef\xbb\xbf"
_WANTED = 'an object with two listing ids, "a" and "b"'
_REMEDY = "make the file with 'matchstream positives CLICKS.jsonl LISTINGS.jsonl -o PAIRS.jsonl'"


@dataclass(frozen=True, slots=True)
class SaidPairs:
    """Pairs by what was said of them.

    Args:
        same: one product.
        different: two.
        unsure: looked at and left open.
    """

    same: list[Pair] = field(default_factory=list)
    different: list[Pair] = field(default_factory=list)
    unsure: list[Pair] = field(default_factory=list)

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.same) + len(self.different) + len(self.unsure)

    def of(self, verdict: Verdict) -> list[Pair]:
        """Those with one verdict."""
        return {Verdict.SAME: self.same, Verdict.DIFFERENT: self.different, Verdict.UNSURE: self.unsure}[verdict]


def read_pairs(file: Path) -> SaidPairs:
    """The pairs of a JSONL file, one `{"a": ..., "b": ...}` a line; other fields and empty lines are passed over.

    A "verdict" says same, different or unsure; a pair without one is the same.

    Raises:
        SettingsError: the file can't be read or holds no pair, or one of its lines is none.
    """
    found = SaidPairs()
    try:
        with file.open("rb") as lines:
            for verdict, pair in _pairs(lines, f"file '{file}'"):
                found.of(verdict).append(pair)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"file '{file}'", got=reason, wanted="a file of pairs", remedy="check the path") from error
    if not len(found):
        raise SettingsError(f"file '{file}'", got="no pair", wanted="at least one", remedy=_REMEDY)
    return found


def _pairs(lines: Iterable[bytes], subject: str) -> Iterator[tuple[Verdict, Pair]]:
    """Of each listing one text is kept, however many pairs it is in."""
    known: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        content = (line.removeprefix(_BOM) if number == 1 else line).strip()
        if content:
            verdict, (one, other) = _pair(content, f"{subject}, line {number}")
            yield verdict, (known.setdefault(one, one), known.setdefault(other, other))


def _pair(line: bytes, subject: str) -> tuple[Verdict, Pair]:
    try:
        value: Any = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise SettingsError(subject, got=f"no JSON ({error})", wanted=_WANTED, remedy=_REMEDY) from error
    if not isinstance(value, dict):
        raise SettingsError(subject, got=f"a JSON {type(value).__name__}", wanted=_WANTED, remedy=_REMEDY)
    for name in ("a", "b"):
        if not isinstance(value.get(name), str) or not value[name].strip():
            got = f'"{name}": {value[name]!r}' if name in value else f'no "{name}"'
            raise SettingsError(subject, got=got, wanted=_WANTED, remedy=_REMEDY)
    if value["a"] == value["b"]:
        raise SettingsError(subject, got=f"'{value['a']}' with itself", wanted="two listings", remedy=_REMEDY)
    return _verdict(value.get("verdict", Verdict.SAME), subject), (value["a"], value["b"])


def _verdict(value: object, subject: str) -> Verdict:
    known = [one.value for one in Verdict]
    if value not in known:
        wanted, remedy = ", ".join(known), "write the file with 'matchstream review export'"
        raise SettingsError(subject, got=f'"verdict": {value!r}', wanted=wanted, remedy=remedy)
    return Verdict(str(value))
