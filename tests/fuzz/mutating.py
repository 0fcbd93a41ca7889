"""Seeded mutations of valid inputs: what fuzzing does where coverage can't guide it, and the same in every run."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_PIECES = (
    *(b"[]", b"{}", b"null", b"true", b"-1", b"0", b"1.5", b'""', b'"x"', b"[1]", b'{"a":1}', b"1e400", b"9" * 24),
    *(b'"', b"\n", b"\xff", b"\x00" * 4, b"\xff" * 4, b"\\u0000", b"\\ud800", b"[" * 200, "\u202e".encode()),
)
_VALUE = re.compile(rb'"[^"]*"|-?[0-9.]+|null|true|false|\[[^\[\]]*\]|\{[^{}]*\}')
_MOST_STEPS = 4


def mutated(dice: random.Random, seeds: Sequence[bytes]) -> bytes:
    """One of the seeds with a few changes."""
    data = bytearray(dice.choice(seeds))
    for _ in range(dice.randint(1, _MOST_STEPS)):
        dice.choice(_STEPS)(dice, data, seeds)
    return bytes(data)


def _flip(dice: random.Random, data: bytearray, _seeds: Sequence[bytes]) -> None:
    if data:
        data[dice.randrange(len(data))] = dice.randrange(256)


def _cut(dice: random.Random, data: bytearray, _seeds: Sequence[bytes]) -> None:
    start = dice.randrange(len(data) + 1)
    del data[start : start + dice.randrange(12)]


def _repeat(dice: random.Random, data: bytearray, _seeds: Sequence[bytes]) -> None:
    start = dice.randrange(len(data) + 1)
    data[start:start] = data[start : start + dice.randrange(12)] * dice.randrange(1, 5)


def _splice(dice: random.Random, data: bytearray, seeds: Sequence[bytes]) -> None:
    other, start = dice.choice(seeds), dice.randrange(len(data) + 1)
    begin = dice.randrange(len(other) + 1)
    data[start : start + dice.randrange(12)] = other[begin : begin + dice.randrange(40)]


def _put(dice: random.Random, data: bytearray, _seeds: Sequence[bytes]) -> None:
    start = dice.randrange(len(data) + 1)
    data[start : start + dice.randrange(12)] = dice.choice(_PIECES)


def _replace_value(dice: random.Random, data: bytearray, _seeds: Sequence[bytes]) -> None:
    """A whole JSON value by another: the rest stays readable, so that what checks types is reached."""
    spans = [found.span() for found in _VALUE.finditer(data)]
    if spans:
        start, end = dice.choice(spans)
        data[start:end] = dice.choice(_PIECES)


_STEPS: Sequence[Callable[[random.Random, bytearray, Sequence[bytes]], None]] = (
    _flip,
    _cut,
    _repeat,
    _splice,
    _put,
    _replace_value,
)
