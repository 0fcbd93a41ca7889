"""A disk that is full."""

import resource
from contextlib import contextmanager


@contextmanager
def files_of_at_most(size):
    """The system lets no file grow beyond so many bytes, which writers meet as they meet a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
