import logging
from dataclasses import replace

import numpy as np
import orjson
import pytest
import torch
from fakes.tiny_models import TINY_IMAGE
from torch import nn

from encoders.bundle import Manifest, TextSpec, read_bundle, write_bundle
from encoders.bundle.parts import identity_of, parts_of
from encoders.fitting import Changes, choose_precision, fit_bundle
from encoders.image import ImageEncoder
from encoders.image.backbone import folded, loaded_backbone
from encoders.loading import load_encoder
from encoders.precision import has_bf16, of_precision
from encoders.text import TextEncoder
from encoders.types import Content, Modality

CPU = torch.device("cpu")
HALF = "bfloat16"
TITLES = ["red shoe", "blue shirt with a case", "phone 64 gb"]


def cosines(rows, others):
    return np.einsum("nd,nd->n", rows, others)


def pictures(count):
    return [*np.random.default_rng(0).integers(0, 256, (count, 32, 32, 3), dtype=np.uint8)]


def weight_types(encoder):
    return {one.dtype for one in encoder._model.parameters()}


def test_titles_are_computed_in_the_precision_of_the_bundle_and_pooled_in_float32(tiny_bert):
    exact, half = (TextEncoder(TextSpec(str(tiny_bert), precision=one)) for one in ("float32", HALF))
    rows, others = half.encode(TITLES), exact.encode(TITLES)
    assert (weight_types(exact), weight_types(half)) == ({torch.float32}, {torch.bfloat16})
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
    assert 0.999 < cosines(rows, others).min() < 1
    assert not np.array_equal(rows, others)


def test_photos_are_computed_in_the_precision_of_the_bundle(tiny_weights):
    exact, half = (ImageEncoder(replace(TINY_IMAGE, precision=one), tiny_weights) for one in ("float32", HALF))
    rows, others = half.encode(pictures(3)), exact.encode(pictures(3))
    assert (weight_types(exact), weight_types(half)) == ({torch.float32}, {torch.bfloat16})
    assert 0.999 < cosines(rows, others).min() < 1
    assert not np.array_equal(rows, others)


def test_a_loaded_bundle_computes_in_its_own_precision(tiny_bundle, tmp_path):
    spec = replace(tiny_bundle.text, precision=HALF)
    files = {name: tiny_bundle.path / name for name in tiny_bundle.files}
    half = write_bundle(tmp_path / "half", replace(tiny_bundle, text=spec), files)
    (found,) = load_encoder(half, device="cpu").encode([Content("red shoe")])
    wanted = TextEncoder(spec, half.path).encode(["red shoe"])[0]
    assert np.array_equal(found.embedding[Modality.TEXT], wanted)
    assert not np.array_equal(
        found.embedding[Modality.TEXT], TextEncoder(tiny_bundle.text, half.path).encode(["red shoe"])
    )


def test_precision_is_part_of_what_a_bundle_is(tiny_bundle, tmp_path):
    files = {name: tiny_bundle.path / name for name in tiny_bundle.files}
    half = write_bundle(tmp_path / "half", replace(tiny_bundle, text=replace(tiny_bundle.text, precision=HALF)), files)
    assert half.digest != tiny_bundle.digest
    assert identity_of(half, Modality.TEXT) != identity_of(tiny_bundle, Modality.TEXT)
    assert identity_of(half, Modality.IMAGE) == identity_of(tiny_bundle, Modality.IMAGE)
    assert "computed in bfloat16" in parts_of(half)[Modality.TEXT].words
    assert "computed in" not in parts_of(tiny_bundle)[Modality.TEXT].words
    assert read_bundle(half.path).precisions == {"text": HALF, "image": "float32"}


def test_a_manifest_of_float32_is_written_as_before_there_was_a_choice(tiny_bundle, tmp_path):
    document = orjson.loads((tiny_bundle.path / "manifest.json").read_bytes())
    assert "precision" not in document["text"].keys() | document["image"].keys()
    assert document["format"] == 1
    half = Manifest(text=TextSpec(precision=HALF), dimensions={Modality.TEXT: 384})
    written = orjson.loads((write_bundle(tmp_path / "half", half, {}).path / "manifest.json").read_bytes())
    assert (written["format"], written["text"]["precision"]) == (4, HALF)


def test_fit_changes_the_precision_of_encoders_that_it_takes_over_only_when_told(tiny_bundle, tmp_path):
    kept = fit_bundle(TITLES, tmp_path / "kept", base=tiny_bundle)
    half = fit_bundle(TITLES, tmp_path / "half", base=tiny_bundle, changes=Changes(precision=HALF))
    again = fit_bundle(TITLES, tmp_path / "again", base=half)
    assert kept.precisions == {"text": "float32", "image": "float32"}
    assert half.precisions == again.precisions == {"text": HALF, "image": HALF}


def test_what_is_asked_for_is_chosen_and_otherwise_what_the_machine_is_fast_at():
    assert choose_precision("float32", "cpu").precision == "float32"
    chosen = choose_precision(None, "cpu")
    assert chosen.precision == (HALF if has_bf16(CPU) else None)
    assert ("has instructions" in chosen.words) == has_bf16(CPU)


def test_where_there_are_no_instructions_for_it_that_is_said_once(caplog):
    nowhere = torch.device("meta")
    with caplog.at_level(logging.WARNING):
        models = [of_precision(nn.Linear(2, 2), HALF, nowhere, "a model of this test alone") for _ in range(2)]
        of_precision(nn.Linear(2, 2), "float32", nowhere, "another model of this test")
    assert {one.weight.dtype for one in models} == {torch.bfloat16}
    (line,) = [one.getMessage() for one in caplog.records]
    assert "a model of this test alone: no instructions for bfloat16 here" in line
    assert "fit --precision float32" in line


def test_normalisations_are_folded_into_the_convolutions_before_them(tiny_weights):
    plain = loaded_backbone(TINY_IMAGE, tiny_weights)
    for layer in plain.modules():
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.uniform_(-1, 1)
            layer.running_var.uniform_(0.5, 2)
    whole = folded(plain)
    images = torch.rand(2, 3, 32, 32)
    with torch.inference_mode():
        assert torch.allclose(whole(images), plain(images), atol=1e-5)
    assert not any(isinstance(layer, nn.BatchNorm2d) for layer in whole.modules())


class _Branching(nn.Module):
    def forward(self, images):
        return images if images.sum() > 0 else -images


def test_a_network_that_cannot_be_traced_stays_as_it_is():
    network = _Branching().eval()
    assert folded(network) is network
