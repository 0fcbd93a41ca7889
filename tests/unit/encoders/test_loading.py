from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from fakes.no_network import forbid_network

from encoders import BundleError, Content, EncoderError, Modality, ModelMissingError, load_encoder, write_bundle
from encoders.bundle import Bundle, LexicalSpec, TextSpec
from encoders.lexical import fit_idf
from encoders.loading import choose_device
from encoders.types import Encoder, SparseRow


def _rewritten(bundle: Bundle, **values: object) -> Bundle:
    return write_bundle(bundle.path, replace(bundle, **values), {name: bundle.file(name) for name in bundle.files})


def _lexical_row(encoder: Encoder, title: str) -> SparseRow:
    row = encoder.encode([Content(title)])[0].embedding[Modality.LEXICAL]
    assert isinstance(row, SparseRow)
    return row


def test_a_bundle_becomes_an_encoder_of_the_dimensions_it_promises(
    tiny_bundle: Bundle, encoded_image: Callable[..., bytes]
) -> None:
    encoder = load_encoder(tiny_bundle, device="cpu")
    (encoded,) = encoder.encode([Content("red shoe", encoded_image("red"))])
    assert set(encoded.embedding) == tiny_bundle.modalities == {Modality.IMAGE, Modality.TEXT, Modality.LEXICAL}
    assert dict(encoder.dimensions) == dict(tiny_bundle.dimensions)


def test_the_same_bundle_makes_the_same_rows(tiny_bundle: Bundle, encoded_image: Callable[..., bytes]) -> None:
    content = Content("red shoe", encoded_image("red"))
    (first,), (second,) = (load_encoder(tiny_bundle, device="cpu").encode([content]) for _ in range(2))
    for modality in tiny_bundle.dimensions:
        assert np.array_equal(first.embedding[modality], second.embedding[modality])


def test_the_frozen_idf_of_the_bundle_is_used(tiny_bundle: Bundle) -> None:
    spec = LexicalSpec(idf="idf.safetensors")
    files = {name: tiny_bundle.file(name) for name in tiny_bundle.files}
    table = fit_idf(["red shoe", "red phone", "red shirt"], spec).to_bytes()
    fitted = write_bundle(tiny_bundle.path, replace(tiny_bundle, lexical=spec), {**files, "idf.safetensors": table})
    with_idf = _lexical_row(load_encoder(fitted, device="cpu"), "red shoe")
    assert len(set(with_idf.values.tolist())) > 2


def test_a_model_of_other_dimensions_than_the_bundle_says_is_refused(tiny_bundle: Bundle) -> None:
    bundle = _rewritten(tiny_bundle, dimensions={Modality.TEXT: 384, Modality.IMAGE: 1024})
    with pytest.raises(BundleError, match="encoders of image 1024, text 16 dimensions, image 1024, text 384 wanted"):
        load_encoder(bundle, device="cpu")


def test_a_model_that_the_bundle_names_and_nobody_has(tiny_bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_network(monkeypatch)
    with pytest.raises(ModelMissingError, match=r"model 'no/such'.*run 'matchstream models pull no/such'"):
        load_encoder(replace(tiny_bundle, text=TextSpec("no/such")), device="cpu")


def test_the_limit_of_pixels_reaches_the_decoder(tiny_bundle: Bundle, encoded_image: Callable[..., bytes]) -> None:
    (encoded,) = load_encoder(tiny_bundle, device="cpu", max_pixels=99).encode([Content(image=encoded_image("red"))])
    assert "99 pixels at most" in encoded.failures[Modality.IMAGE]


def test_threads_inside_an_operation_are_as_asked(tiny_bundle: Bundle) -> None:
    load_encoder(tiny_bundle, device="cpu", torch_threads=2)
    assert torch.get_num_threads() == 2
    load_encoder(tiny_bundle, device="cpu")
    assert torch.get_num_threads() == 1


@pytest.mark.parametrize(("devices", "expected"), [(0, "cpu"), (2, "cuda")])
def test_auto_is_a_cuda_device_when_there_is_one(monkeypatch: pytest.MonkeyPatch, devices: int, expected: str) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: devices)
    assert choose_device("auto").type == expected


@pytest.mark.parametrize(("device", "devices"), [("cuda", 0), ("cuda:1", 1)])
def test_a_device_that_is_not_there_is_refused_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, device: str, devices: int
) -> None:
    monkeypatch.setattr("torch.cuda.device_count", lambda: devices)
    with pytest.raises(EncoderError, match=f"device '{device}': {devices} CUDA devices found.*use 'cpu' or 'auto'"):
        choose_device(device)
