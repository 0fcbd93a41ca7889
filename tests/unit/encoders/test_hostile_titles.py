"""Any text is a title: unit rows of bounded size, or none, whatever it is made of."""

from pathlib import Path

import numpy as np
import pytest
from fakes.hostile_texts import TITLES
from hypothesis import given, settings
from hypothesis import strategies as st

from encoders.bundle import LexicalSpec, TextSpec
from encoders.lexical import LexicalEncoder
from encoders.text import TextEncoder


@pytest.fixture(scope="module")
def encoder(tiny_bert: Path) -> TextEncoder:
    return TextEncoder(TextSpec(str(tiny_bert)))


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_a_text_row_has_unit_length(encoder: TextEncoder, title: str) -> None:
    assert np.linalg.norm(encoder.encode([title])[0]) == pytest.approx(1, abs=1e-5)


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=300))
def test_text_rows_of_any_text_have_unit_length(encoder: TextEncoder, title: str) -> None:
    assert np.linalg.norm(encoder.encode([title])[0]) == pytest.approx(1, abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(TITLES.values())) | st.text(max_size=300))
def test_a_lexical_row_is_of_unit_length_and_no_longer_than_its_limit(title: str) -> None:
    spec = LexicalSpec(limit=16)
    [row] = LexicalEncoder(spec).encode([title])
    if row is not None:
        assert len(row.indices) == len(row.values) <= spec.limit
        assert np.linalg.norm(row.values) == pytest.approx(1, abs=1e-5)
        assert (np.diff(row.indices.astype(np.int64)) > 0).all()
