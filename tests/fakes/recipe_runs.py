"""Runs of every recipe over the toy catalogue, and how they are cut off."""

from fakes.toy_catalogue import looked_at, looked_at_by_both, named

from encoders.training.looping import Progress

TUNED = {"rate": 1e-2, "head_rate": 1e-1, "batch": 16, "augment": 0}
JOINED = {"dimensions": 6, "products": 8, "rate": 5e-2}
SETTINGS = {"arcface": TUNED, "softmax": TUNED, "contrastive": JOINED, "fusion": JOINED, "unified": JOINED}
CATALOGUES = {
    "arcface": named,
    "softmax": named,
    "contrastive": looked_at,
    "fusion": looked_at_by_both,
    "unified": looked_at,
}


class CutError(Exception):
    """What ends a run from inside."""


def cut_after(batches):
    """Ends a run after so many batches."""
    left = [batches]

    def advance(done):
        left[0] -= done
        if left[0] < 0:
            raise CutError

    return Progress(stage=lambda what, _total: advance if what.startswith("training") else lambda _done: None)
