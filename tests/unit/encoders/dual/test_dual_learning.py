from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.taught_duals import Shown, shown_products, teach, words_of
from fakes.tiny_duals import save_tiny_clip, save_tiny_siglip
from numpy.typing import NDArray

from encoders.bundle import DualSpec
from encoders.dual import DualEncoder
from encoders.photos import decode_image


def _rows(folder: Path, shown: list[Shown]) -> tuple[DualEncoder, NDArray[np.float32], NDArray[np.float32]]:
    encoder = DualEncoder(DualSpec(str(folder)))
    pixels = [encoder.photos.prepared(decode_image(one.photo)) for one in shown]
    return encoder, encoder.photos.encode(pixels), encoder.texts.encode([one.title for one in shown])


def _recall(queries: NDArray[np.float32], rows: NDArray[np.float32]) -> float:
    """How often the row of the query's own product is the nearest."""
    return float(np.mean((queries @ rows.T).argmax(axis=1) == np.arange(len(rows))))


@pytest.mark.slow
@pytest.mark.parametrize(("save", "products", "steps"), [(save_tiny_clip, 200, 140), (save_tiny_siglip, 32, 240)])
def test_a_title_finds_the_photo_that_it_was_taught_with(save, products: int, steps: int, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    shown = shown_products(products)
    save(tmp_path / "model", words_of(shown))
    _, photos, titles = _rows(tmp_path / "model", shown)
    assert _recall(titles, photos) < 0.1
    teach(tmp_path / "model", shown, steps)
    encoder, photos, titles = _rows(tmp_path / "model", shown)
    assert _recall(titles, photos) >= 0.9
    assert _recall(photos, titles) >= 0.9
    assert encoder.probabilities(photos, titles).diagonal().mean() > 0.3
