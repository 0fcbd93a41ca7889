import numpy as np
import pytest
import torch
from PIL import Image

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
