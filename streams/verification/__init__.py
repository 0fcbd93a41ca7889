"""Verification: whether what is stored and what was told is what the reference says."""

from streams.verification.differences import Difference, Kind, What
from streams.verification.repairing import Told, repair
from streams.verification.topics import compare_told
from streams.verification.verifying import Verified, verify

__all__ = ["Difference", "Kind", "Told", "Verified", "What", "compare_told", "repair", "verify"]
