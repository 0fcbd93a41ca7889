"""Verification: whether what is stored and what was told is what the reference says."""

from streams.verification.differences import Difference, Kind
from streams.verification.topics import compare_told
from streams.verification.verifying import Verified, verify

__all__ = ["Difference", "Kind", "Verified", "compare_told", "verify"]
