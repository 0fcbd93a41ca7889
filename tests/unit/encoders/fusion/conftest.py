"""A fused encoder of parts that remember what they were asked."""

from collections.abc import Iterator

import pytest
from fakes.fused_parts import ColourCaptioner, ColourTagger, ColourTower, LetterReader, TwoTowers, WordReader

from encoders.fusion import FusedEncoder, Parts


@pytest.fixture
def parts() -> Parts:
    return Parts(
        text=LetterReader(),
        image=ColourTower(),
        lexical=WordReader(),
        dual=TwoTowers(),
        captioner=ColourCaptioner(),
        tagger=ColourTagger(),
    )


@pytest.fixture
def encoder(parts: Parts) -> Iterator[FusedEncoder]:
    fused = FusedEncoder(parts)
    yield fused
    fused.close()
