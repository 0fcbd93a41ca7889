"""Items in batches that fit into the memory of a GPU: one that does not is halved, and those to come are as small.

What a network makes of an item must not depend on its company, or the same listing would have other rows after
another order of arrival. Kernels add up in another order for another shape of a batch: rows differ by 1e-7 in float32
then, by 1e-3 in bfloat16; at which shapes, each library and processor has its own mind. So on a CPU there is one shape
for one width: texts are padded by their own length alone (`in_widths`), and a batch always holds as many items, copies
of the last one if need be (`texts_at_once`, `Batches`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

import torch

from encoders.errors import EncoderError

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_ALSO_OF_MEMORY: Final = ("CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
"""Libraries beside torch's own allocator say in their own words that there is no room."""

_STEP: Final = 8
"""Texts are padded to a multiple of so many tokens: with fewer, batches are small; with more, mostly padding."""

_TEXTS: Final = 8
_TOKENS: Final = 256
"""What a batch of long texts holds; a text alone is padded with as many copies as these leave room for."""

_log = logging.getLogger(__name__)


def texts_at_once(width: int, device: torch.device) -> int | None:
    """How many texts of one width each batch holds, so that all have one shape; None on a GPU, where batches vary."""
    return max(1, min(_TEXTS, _TOKENS // max(1, width))) if device.type == "cpu" else None


def in_widths(lengths: Sequence[int], most: int) -> dict[int, list[int]]:
    """Which texts go together: those that are padded to one width, each by its own length alone.

    Args:
        lengths: of the texts, in tokens.
        most: tokens that a model takes; no length is greater.

    Returns:
        The places of texts by the width that they are padded to.
    """
    widths: dict[int, list[int]] = {}
    for place, length in enumerate(lengths):
        widths.setdefault(min(-(-length // _STEP) * _STEP, most), []).append(place)
    return widths


class Batches:
    """How many items a model looks at together. Safe in any thread.

    Args:
        size: to begin with.
        subject: which model and where, as "text model 'x' on cuda", for the log and for errors.
        whole: a batch is filled up to a multiple of so many with copies of its last item, while there is room.
    """

    def __init__(self, size: int, subject: str, whole: int = 1) -> None:
        self._size, self._subject, self._whole = size, subject, whole

    @property
    def size(self) -> int:
        """How many there are in a batch now."""
        return self._size

    def results(
        self,
        compute: Callable[[Sequence[_Item]], Iterable[_Result]],
        items: Sequence[_Item],
        exactly: int | None = None,
    ) -> list[_Result]:
        """What `compute` makes of the items, a batch at a time: one result for each item, in the order given.

        Args:
            compute: makes one result of each item.
            items: in any number.
            exactly: so many items come in each batch, while there is room.

        Raises:
            EncoderError: there is no room for one item alone.
        """
        done: list[_Result] = []
        too_many = 0
        while len(done) < len(items):
            size = min(self._size, exactly or self._size)
            batch = items[len(done) : len(done) + size]
            filled = _filled(batch, size if exactly else min(self._whole, size))
            results = self._attempt(compute, filled)
            if results is None:
                too_many = too_many or len(filled)
                self._halve(len(filled))
            else:
                done.extend(results[: len(batch)])
        if too_many:
            goes_on = f"goes on with {self._size} at once; free the GPU of other programs and start again for more"
            _log.warning("%s: out of memory with %d at once, %s", self._subject, too_many, goes_on)
        return done

    def _attempt(
        self, compute: Callable[[Sequence[_Item]], Iterable[_Result]], batch: Sequence[_Item]
    ) -> list[_Result] | None:
        """The results, or None if there is no room: only outside of the handler is all that was computed let go."""
        try:
            return list(compute(batch))
        except RuntimeError as error:
            if not _of_memory(error):
                raise
            if len(batch) == 1:
                raise _no_room(self._subject, "out of memory with one item alone, room for it wanted") from error
            return None

    def _halve(self, failed: int) -> None:
        # Of what failed, not of what there is: another thread may have halved that in the meantime
        self._size = max(1, min(self._size, failed // 2))
        torch.cuda.empty_cache()


def _filled(batch: Sequence[_Item], whole: int) -> Sequence[_Item]:
    missing = -len(batch) % whole
    return [*batch, *[batch[-1]] * missing] if missing else batch


def moved(model: Any, device: torch.device, subject: str) -> Any:
    """The model on the device.

    Raises:
        EncoderError: there is no room for it.
    """
    try:
        return model.to(device)
    except RuntimeError as error:
        if not _of_memory(error):
            raise
        raise _no_room(subject, "out of memory with its weights alone, room for these wanted") from error


def _no_room(subject: str, got_and_wanted: str) -> EncoderError:
    remedy = "free the GPU of other programs, take a smaller model, or use the device 'cpu'"
    return EncoderError(f"{subject}: {got_and_wanted}; {remedy}")


def _of_memory(error: RuntimeError) -> bool:
    return isinstance(error, torch.OutOfMemoryError) or any(words in str(error) for words in _ALSO_OF_MEMORY)
