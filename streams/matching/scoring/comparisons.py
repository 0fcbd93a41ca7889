"""All comparisons, in the order of a scorer's columns. Each docstring is what users read beside a contribution.

Prices are left out on purpose: a new price must not make a new match. Few comparisons are held to one
direction: what counts of the words depends on what else is known of them, and holding them costs much.
"""

from __future__ import annotations

from streams.matching.scoring.by_codes import BY_CODES
from streams.matching.scoring.by_rows import BY_ROWS
from streams.matching.scoring.by_statements import BY_STATEMENTS
from streams.matching.scoring.by_weight import BY_WEIGHT
from streams.matching.scoring.by_words import BY_WORDS
from streams.matching.scoring.registry import Registry

COMPARISONS = Registry.joined(BY_ROWS, BY_WORDS, BY_WEIGHT, BY_STATEMENTS, BY_CODES)
