"""Titles that are valid text and nothing that a seller would write."""

from __future__ import annotations

TITLES = {
    "nul": "red\0shoe",
    "right to left": "\u202eeohs der\u202c",
    "combining": "e" + "\u0301\u0316" * 2_400,
    "expands": "\ufdfa" * 5_000,
    "signs": "!" * 5_000,
    "digits": "9" * 5_000,
    "units": "9 ml x " * 700,
    "dots": "1." * 2_500,
    "Chinese": "\u7ea2\u8272" * 2_500,
    "words": "a " * 2_500,
    "controls": "".join(map(chr, range(1, 32))) + "x",
    "not characters": "\ufffe\uffff\U0010ffff x",
    "blank": " \u3000\t x",
}
