import numpy as np
import pytest
import torch
from fakes.tiny_duals import save_tiny_clip
from PIL import Image
from transformers import CLIPConfig, CLIPModel

from encoders.bundle import DualSpec
from encoders.dual import DualEncoder

TINY = ("clip", "siglip", "siglip2", "chinese_clip")


@pytest.mark.parametrize("name", TINY)
def test_both_towers_compute_in_the_precision_of_the_bundle(name, tiny_duals):
    exact, half = (DualEncoder(DualSpec(str(tiny_duals[name]), precision=one)) for one in ("float32", "bfloat16"))
    photo = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8))
    for rows, others in (
        (half.photos.encode([half.photos.prepared(photo)]), exact.photos.encode([exact.photos.prepared(photo)])),
        (half.texts.encode(["red shoe"]), exact.texts.encode(["red shoe"])),
    ):
        assert rows.dtype == np.float32
        assert 0.995 < float(rows[0] @ others[0]) < 1
        assert not np.array_equal(rows, others)
    assert {one.dtype for one in half.photos._model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_rows_of_wide_towers_have_the_same_bits_whatever_company_they_come_in(precision, tmp_path):
    """Kernels that go by the number of rows are those of matrices as wide as published models'."""
    encoder = DualEncoder(DualSpec(str(wide_clip(tmp_path / "clip")), precision=precision))
    titles = [" ".join(["red leather shoe made of steel"] * (1 + i % 3)) + f" {i}" for i in range(21)]
    dice = np.random.default_rng(0)
    photos = [encoder.photos.prepared(Image.fromarray(dice.integers(0, 256, (40, 50, 3), np.uint8))) for _ in range(11)]
    for tower, items in ((encoder.texts, titles), (encoder.photos, photos)):
        together = tower.encode(items)
        for size in (1, 2, 7):
            parts = [tower.encode(items[start : start + size]) for start in range(0, len(items), size)]
            assert np.array_equal(np.concatenate(parts), together)


def wide_clip(folder):
    save_tiny_clip(folder)
    config = CLIPConfig.from_pretrained(folder)
    for tower in (config.text_config, config.vision_config):
        tower.hidden_size, tower.intermediate_size, tower.num_attention_heads = 512, 2048, 8
    config.projection_dim = config.text_config.projection_dim = config.vision_config.projection_dim = 512
    torch.manual_seed(0)
    CLIPModel(config).save_pretrained(folder)
    return folder
