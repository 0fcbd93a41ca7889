"""All pairs of a catalogue that are worth a decision, by the arithmetic of the reference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from encoders.types import Embedding, Modality
from streams.learning.telling import Advance
from streams.matching.details import Details
from streams.matching.pairs import Pairs, Places
from streams.matching.policy import Policy
from streams.matching.reference import blend_all
from streams.matching.rows import Floats
from streams.matching.similarity import Similarities, Table, similarities, sure

_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Candidates:
    """p unordered pairs of n listings, in the order of their places.

    Args:
        details: the words of the n listings.
        one: (p,) place of the one that comes first.
        other: (p,) place of the other; always greater.
        single: per modality (p,) float64, the blended similarity; NaN where one of the two lacks it.
        combined: (p,) float64.
    """

    details: Sequence[Details]
    one: Places
    other: Places
    single: Mapping[Modality, Floats]
    combined: Floats

    def __len__(self) -> int:
        """How many pairs."""
        return len(self.one)

    @property
    def pairs(self) -> Pairs:
        """The same as decisions see them; the one is the owner."""
        return Pairs(self.details, self.details, self.one, self.other, self.single, self.combined)

    def at(self, places: Places | NDArray[np.bool_]) -> Candidates:
        """Some of the pairs."""
        single = {modality: part[places] for modality, part in self.single.items()}
        return Candidates(self.details, self.one[places], self.other[places], single, self.combined[places])

    def same(self, codes: NDArray[np.intp]) -> NDArray[np.bool_]:
        """(p,) whether both have the same label, of the labels as numbers."""
        result: NDArray[np.bool_] = codes[self.one] == codes[self.other]
        return result


def find_candidates(
    raw: Mapping[str, Embedding],
    details: Sequence[Details],
    policy: Policy,
    *,
    floor: float,
    steps: int = 1,
    advance: Advance = lambda _listings: None,
) -> Candidates:
    """All pairs of a catalogue whose combined blended similarity reaches a floor, or one of them a sure threshold.

    Time grows with the square of the catalogue; memory with its size and the number of pairs found.

    Args:
        raw: listing id to raw embedding, n of them.
        details: their words, in the same order.
        policy: how rows are blended and similarities combined.
        floor: the least combined similarity.
        steps: how often neighborhoods are blended; the stream does it once, 0 compares raw rows.
        advance: told how many listings have got through one of the `steps + 1` passes.
    """
    view = dict(raw)
    for _ in range(steps if policy.blend.neighbors else 0):
        view = blend_all(view, policy, advance)
    table = Table.of(view) if view else Table((), {}, {})
    blocks = [_pairs_of(block, found, policy, floor) for block, found in _blocks(table, table, policy, advance)]
    return _joined(blocks, details, list(table.rows))


def find_against_blended(
    raw: Mapping[str, Embedding], details: Sequence[Details], policy: Policy, *, floor: float
) -> Candidates:
    """The same, but a blended listing on one side and a raw one on the other: the mean of both directions.

    This is what searching with a blended query over unblended rows finds; it is here to be compared with.
    """
    view, plain = Table.of(blend_all(raw, policy)), Table.of(raw)
    there, back = _blocks(view, plain, policy), _blocks(plain, view, policy)
    blocks = [
        _pairs_of(block, _mean(found, turned), policy, floor)
        for (block, found), (_, turned) in zip(there, back, strict=True)
    ]
    return _joined(blocks, details, list(view.rows))


Block = tuple[Places, Places, list[Floats], Floats]


def _blocks(
    rows: Table, columns: Table, policy: Policy, advance: Advance = lambda _listings: None
) -> Iterator[tuple[int, Similarities]]:
    """The similarities of each block of rows with what comes from its first on; the rest is their mirror image."""
    size = len(rows.listing_ids)
    for start in range(0, size, _BLOCK):
        block = rows.part(start, start + _BLOCK)
        yield start, similarities(block, columns.part(start, size), policy)
        advance(len(block.listing_ids))


def _mean(one: Similarities, two: Similarities) -> Similarities:
    single = {modality: (part + two.single[modality]) / 2 for modality, part in one.single.items()}
    return Similarities((one.combined + two.combined) / 2, single)


def _pairs_of(start: int, found: Similarities, policy: Policy, floor: float) -> Block:
    worth = (found.combined >= floor) | sure(found.single, policy, found.combined.shape)
    one, other = np.nonzero(np.triu(worth, 1))
    single = [part[one, other] for part in found.single.values()]
    return one + start, other + start, single, found.combined[one, other]


def _joined(blocks: Sequence[Block], details: Sequence[Details], modalities: Sequence[Modality]) -> Candidates:
    if not blocks:
        none, empty = np.empty(0, np.intp), np.empty(0)
        return Candidates(details, none, none, {}, empty)
    one, other, single, combined = zip(*blocks, strict=True)
    parts = {m: np.concatenate([each[i] for each in single]) for i, m in enumerate(modalities)}
    return Candidates(details, np.concatenate(one), np.concatenate(other), parts, np.concatenate(combined))
