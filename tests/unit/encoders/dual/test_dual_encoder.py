import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoModel, AutoProcessor

from encoders.bundle import DualSpec
from encoders.dual import DualEncoder

TITLES = ["Red SHOE, for a phone", "camera", "blue shirt 8 64 gb " * 40, "mug", "ünheard-of!", "a green lamp of steel"]


def _by_transformers(folder: Path, photos: Sequence[Image.Image], titles: Sequence[str]) -> Any:
    """What the model's own processor and its own forward make of them."""
    model, processor = AutoModel.from_pretrained(folder).eval(), AutoProcessor.from_pretrained(folder, backend="pil")
    texts = {"padding": "max_length", "max_length": 64} if "siglip" in model.config.model_type else {"padding": True}
    # SigLIP 2's processor puts values of its own before those of its image processor
    named = (name for name in ("patch_size", "max_num_patches") if hasattr(processor.image_processor, name))
    images = {name: getattr(processor.image_processor, name) for name in named}
    inputs = processor(text=titles, images=photos, return_tensors="pt", truncation=True, **texts, **images)
    with torch.inference_mode():
        return model(**inputs)


def test_rows_are_those_of_the_models_own_processor_and_forward(
    encoder: DualEncoder, folder: Path, photos: list[Image.Image]
) -> None:
    expected = _by_transformers(folder, photos, TITLES)
    looked = encoder.photos.encode([encoder.photos.prepared(photo) for photo in photos])
    read = encoder.texts.encode(TITLES)
    assert looked == pytest.approx(expected.image_embeds.numpy(), abs=1e-5)
    assert read == pytest.approx(expected.text_embeds.numpy(), abs=1e-5)


def test_probabilities_are_the_softmax_of_the_models_own_logits(
    encoder: DualEncoder, folder: Path, photos: list[Image.Image]
) -> None:
    expected = _by_transformers(folder, photos[:3], TITLES).logits_per_image.softmax(dim=1).numpy()
    looked = encoder.photos.encode([encoder.photos.prepared(photo) for photo in photos[:3]])
    shares = encoder.probabilities(looked, encoder.texts.encode(TITLES))
    assert shares == pytest.approx(expected, abs=1e-4)
    assert shares.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-12)
    assert np.ptp(shares, axis=1).min() > 1e-3


def test_rows_are_float32_of_unit_length_and_one_for_each(encoder: DualEncoder, photos: list[Image.Image]) -> None:
    for rows in (encoder.texts.encode(TITLES), encoder.photos.encode([encoder.photos.prepared(p) for p in photos])):
        assert (rows.dtype, rows.shape[1]) == (np.float32, encoder.dimensions)
        assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(rows)), abs=1e-5)
    assert encoder.texts.encode([]).shape == encoder.photos.encode([]).shape == (0, encoder.dimensions)


def test_a_row_depends_neither_on_the_others_of_its_batch_nor_on_their_order(
    encoder: DualEncoder, photos: list[Image.Image]
) -> None:
    pixels = [encoder.photos.prepared(photo) for photo in photos]
    looked, read = encoder.photos.encode(pixels), encoder.texts.encode(TITLES)
    alone = np.concatenate([encoder.photos.encode([one]) for one in pixels])
    assert np.array_equal(looked, alone)
    assert np.array_equal(encoder.photos.encode([*pixels[::-1] * 3])[-len(pixels) :][::-1], alone)
    assert np.array_equal(read, np.concatenate([encoder.texts.encode([title]) for title in TITLES]))
    assert np.array_equal(encoder.texts.encode([*TITLES * 9][::-1])[: len(TITLES)][::-1], read)
    assert not np.allclose(looked[0], looked[2], atol=1e-3)
    assert not np.allclose(read[0], read[1], atol=1e-3)


def test_threads_may_work_beside_one_another(encoder: DualEncoder, photos: list[Image.Image]) -> None:
    def everything(_: int) -> tuple[np.ndarray, np.ndarray]:
        return encoder.photos.encode([encoder.photos.prepared(p) for p in photos]), encoder.texts.encode(TITLES)

    with ThreadPoolExecutor(4) as pool:
        (photos_first, texts_first), *others = pool.map(everything, range(8))
    assert all(np.allclose(rows, photos_first, atol=1e-5) for rows, _ in others)
    assert all(np.allclose(rows, texts_first, atol=1e-5) for _, rows in others)


def test_what_a_text_says_beyond_the_models_length_is_cut(encoder: DualEncoder) -> None:
    long = "red shoe " * 200
    cut, also_cut, other = encoder.texts.encode([long, f"{long} blue camera", "blue camera " * 200])
    assert cut == pytest.approx(also_cut, abs=1e-5)
    assert cut != pytest.approx(other, abs=1e-3)


@pytest.mark.parametrize("size", [(1, 30_000), (30_000, 1), (1, 1), (2_000, 3)])
def test_photos_of_any_shape_are_prepared_in_little_room(encoder: DualEncoder, size: tuple[int, int]) -> None:
    pixels = encoder.photos.prepared(Image.new("RGB", size, "red"))
    assert pixels.dtype == np.uint8
    assert pixels.size < 3_000_000
    assert np.isfinite(encoder.photos.encode([pixels])).all()


def test_it_says_where_the_model_came_from(tiny_duals: dict[str, Path], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="encoders"):
        encoder = DualEncoder(DualSpec("clip"), tiny_duals["clip"].parent)
    assert encoder.source == f"folder '{tiny_duals['clip']}'"
    assert f"dual encoder 'clip' from folder '{tiny_duals['clip']}', on cpu" in caplog.text


def test_a_clip_looks_at_the_middle_and_a_siglip_at_all_of_a_long_photo(tiny_duals: dict[str, Path]) -> None:
    ends = Image.new("RGB", (96, 32), "white")
    ends.paste("black", (0, 0, 20, 32))
    plain = Image.new("RGB", (96, 32), "white")
    for name, same in (("clip", True), ("siglip", False), ("siglip2", False)):
        tower = DualEncoder(DualSpec(str(tiny_duals[name]))).photos
        assert np.array_equal(tower.prepared(ends), tower.prepared(plain)) is same
