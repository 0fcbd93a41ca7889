"""The words in which a message is refused that somebody else wrote: bounded, whatever is in it."""

from __future__ import annotations

from streams.errors import UnreadableEventError

_LONGEST = 200


def not_ours(what: str, key: bytes | None, error: Exception, *, wanted: str, remedy: str) -> UnreadableEventError:
    """A record that is not what its topic carries.

    Args:
        what: it should be, with the word before its key: 'embeddings of'.
        key: of the record.
        error: what reading it ended with.
        wanted: what is written there.
        remedy: what can be done.
    """
    reason = shortened(str(error) or type(error).__name__)
    subject = f"{what} {shortened(repr(key or b''))}"
    return UnreadableEventError(subject, got=f"a value that is not ours ({reason})", wanted=wanted, remedy=remedy)


def shortened(text: str) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."
