"""The joint encoder: one row of whatever is known of a listing, and clear words where its file is not right."""

from collections.abc import Callable
from dataclasses import replace
from math import log, sqrt
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.joined import UNPRICED, joint_encoder, tensors_of
from fakes.rows import axis, dense, random_dense
from hypothesis import given
from hypothesis import strategies as st

from encoders.bundle import Bundle, JointSpec, write_bundle
from encoders.errors import BundleError, EncoderError
from encoders.joint import JointEncoder, joint_to_bytes, numbers_of, read_joint
from encoders.loading import derive_nothing, load_derive, load_encoder, load_joint
from encoders.types import Modality, Numeric

IMAGE, TEXT, JOINT = Modality.IMAGE, Modality.TEXT, Modality.JOINT
SPEC = JointSpec("joint.safetensors", numeric=(Numeric.LOG_PRICE, Numeric.WORDS))
RNG = np.random.default_rng(3)


def linear(name: str, out: int, given_: int) -> dict[str, np.ndarray]:
    weight, bias = RNG.normal(size=(out, given_)), RNG.normal(size=out)
    return {f"{name}.weight": weight.astype(np.float32), f"{name}.bias": bias.astype(np.float32)}


def tensors() -> dict[str, np.ndarray]:
    """Images of 5 through a hidden layer of 4, titles of 3 and two numbers straight: all to 6."""
    layers = [("image.0", 4, 5), ("image.2", 6, 4), ("text.0", 6, 3), ("numeric.0", 6, 2)]
    found = {name: tensor for layer in layers for name, tensor in linear(*layer).items()}
    return {**found, "numeric.mean": dense(2, 1), "numeric.std": dense(0.5, 2), "bias": RNG.normal(size=6)}


TENSORS = tensors()
ROWS = {IMAGE: random_dense(RNG, 5), TEXT: random_dense(RNG, 3)}


def by_hand(parts: list[str], numbers: list[float]) -> np.ndarray:
    """The same in torch."""
    given_ = {name: torch.tensor(tensor, dtype=torch.float64) for name, tensor in TENSORS.items()}

    def layer(name: str, values: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(values, given_[f"{name}.weight"], given_[f"{name}.bias"])

    rows = {name: torch.tensor(row, dtype=torch.float64) for name, row in ROWS.items()}
    total = layer("numeric.0", (torch.tensor(numbers) - given_["numeric.mean"]) / given_["numeric.std"])
    total = total + given_["bias"]
    if "image" in parts:
        total = total + layer("image.2", torch.nn.functional.gelu(layer("image.0", rows[IMAGE])))
    if "text" in parts:
        total = total + layer("text.0", rows[TEXT])
    return torch.nn.functional.normalize(total, dim=0).numpy()


@pytest.mark.parametrize("parts", [["image"], ["text"], ["image", "text"]], ids="+".join)
def test_a_row_is_the_sum_of_the_parts_of_what_is_there_brought_to_unit_length(parts):
    embedding = {modality: row for modality, row in ROWS.items() if modality.value in parts}
    row = JointEncoder(SPEC, TENSORS).row(embedding, {Numeric.LOG_PRICE: 3.0, Numeric.WORDS: 0.5})
    assert row.dtype == np.float32
    assert row == pytest.approx(by_hand(parts, [3.0, 0.5]), abs=1e-7)


def test_a_worked_example():
    """A photo along one axis and a title along another: both count the same, and the price beside them."""
    joint = joint_encoder(UNPRICED)
    row = joint.row({IMAGE: axis(32, 0), TEXT: axis(32, 1)})
    assert row[:3] == pytest.approx([sqrt(0.5), sqrt(0.5), 0.0])
    priced = joint_encoder().row({TEXT: axis(32, 1)}, {Numeric.LOG_PRICE: 1 + 1 / 0.3})
    assert priced[:3] == pytest.approx([sqrt(0.5), sqrt(0.5), 0.0])


def test_a_missing_number_counts_as_the_mean():
    joint = JointEncoder(SPEC, TENSORS)
    means = {Numeric.LOG_PRICE: 2.0, Numeric.WORDS: 1.0}
    assert joint.row(ROWS).tolist() == joint.row(ROWS, means).tolist()
    assert (
        joint.row(ROWS, {Numeric.LOG_PRICE: 3.0}).tolist() == joint.row(ROWS, {**means, Numeric.LOG_PRICE: 3}).tolist()
    )


def test_numbers_alone_make_no_row():
    joint = JointEncoder(SPEC, TENSORS)
    assert joint.row({}, {Numeric.LOG_PRICE: 3.0}) is None
    assert joint.derive({}, {"price": "3.00"}) == {}


def test_parts_that_cancel_out_make_no_row():
    spec = replace(UNPRICED, sources=(IMAGE, TEXT))
    assert JointEncoder(spec, tensors_of(spec)).row({IMAGE: axis(32, 0), TEXT: -axis(32, 0)}) is None


def test_what_is_derived_does_not_look_at_what_was_derived_before():
    joint, listing = joint_encoder(), {"title": "red shoe", "price": "12.90"}
    encoded = {IMAGE: axis(32, 0), TEXT: axis(32, 1)}
    derived = joint.derive(encoded, listing)
    assert derived[JOINT].tolist() == joint.row(encoded, {Numeric.LOG_PRICE: log(12.9)}).tolist()
    again = joint.derive({**encoded, JOINT: axis(32, 5)}, listing)
    assert again[JOINT].tolist() == derived[JOINT].tolist()
    assert joint.derive({JOINT: axis(32, 5)}, listing) == {}


def test_a_row_of_another_length_is_refused():
    with pytest.raises(EncoderError, match=r"joint encoder: text row: shape \(4,\), shape \(3,\) wanted"):
        JointEncoder(SPEC, TENSORS).row({TEXT: dense(1, 0, 0, 0)})


def test_what_is_written_is_read(tmp_path):
    (tmp_path / "joint.safetensors").write_bytes(joint_to_bytes(SPEC, TENSORS))
    read = read_joint(tmp_path / "joint.safetensors", SPEC)
    assert (read.dimensions, read.sources) == (6, {IMAGE: 5, TEXT: 3})
    assert read.row(ROWS) == pytest.approx(JointEncoder(SPEC, TENSORS).row(ROWS), abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text.0.weight": None}, r"no tensor 'text.0.weight', every part"),
        ({"text.0.bias": None}, r"no tensor 'text.0.bias'"),
        ({"text.0.weight": dense(1, 2)}, r"tensor 'text.0.weight' of shape 2, shape any x any wanted"),
        ({"text.0.bias": dense(1, 2)}, r"tensor 'text.0.bias' of shape 2, shape 6 wanted"),
        ({"image.2.weight": np.ones((6, 3), np.float32)}, r"'image.2.weight' of shape 6 x 3, shape any x 4 wanted"),
        (linear("text.0", 7, 3), r"parts of different sizes \(image 6, text 7, numeric 6\), one size wanted"),
        (linear("numeric.0", 6, 3), r"'numeric.0.weight' of shape 6 x 3, shape any x 2 wanted"),
        ({"numeric.std": dense(1, 0)}, r"'numeric.std' is not above 0 in some places"),
        ({"numeric.mean": dense(1, 2, 3)}, r"'numeric.mean' of shape 3, shape 2 wanted"),
        ({"bias": dense(1, 2, 3)}, r"'bias' of shape 3, shape 6 wanted"),
        ({"bias": np.full(6, np.nan)}, r"'bias' is not a number in some places"),
    ],
)
def test_tensors_that_are_not_right_are_refused(changes, words):
    wrong = {name: tensor for name, tensor in {**TENSORS, **changes}.items() if tensor is not None}
    with pytest.raises(BundleError, match=rf"^bundle 'joint encoder': .*{words}.*; make the bundle again"):
        joint_to_bytes(SPEC, wrong)


def test_only_what_is_encoded_as_dense_rows_can_be_joined():
    for odd in (Modality.LEXICAL, JOINT):
        spec = replace(UNPRICED, sources=(TEXT, odd))
        with pytest.raises(BundleError, match=f"the source '{odd}', sources whose rows are dense and encoded wanted"):
            JointEncoder(spec, tensors_of(spec))


def test_a_file_that_is_no_safetensors_is_refused(tmp_path):
    (tmp_path / "joint.safetensors").write_bytes(b"not at all")
    for name in ("joint.safetensors", "missing.safetensors"):
        with pytest.raises(BundleError, match=r"no joint encoder .*a safetensors file wanted"):
            read_joint(tmp_path / name, SPEC)


@pytest.mark.parametrize(
    ("listing", "numbers"),
    [
        ({"title": "Apple iPhone 13, 128GB"}, {"words": log(5), "numbers": log(3), "attributes": 0.0}),
        ({"image": "a.jpg", "price": "20.00"}, {"log_price": log(20), "attributes": 0.0}),
        ({"title": "  ", "price": 0, "attributes": {"a": 1, "b": None}}, {"attributes": log(3)}),
        ({"title": "x", "price": None, "attributes": None}, {"words": log(2), "numbers": 0.0, "attributes": 0.0}),
    ],
)
def test_the_numbers_of_a_listing(listing, numbers):
    assert numbers_of(listing) == pytest.approx(numbers)


@given(st.permutations(range(6)), st.integers(0, 5))
def test_a_row_does_not_depend_on_what_else_is_there(order, place):
    joint = joint_encoder()
    rows = [random_dense(np.random.default_rng(seed), 32) for seed in range(6)]
    alone = joint.row({TEXT: rows[place]}).tobytes()
    among = {i: joint.row({TEXT: rows[i], Modality.LEXICAL: None}) for i in order}
    assert among[place].tobytes() == alone


@pytest.fixture
def joined(tmp_path: Path, tiny_bundle: Bundle) -> Callable[..., Bundle]:
    """Makes a bundle whose photos and titles are joined in 8 dimensions."""

    def make(text: int = 16, size: int = 8) -> Bundle:
        parts = {**linear("image.0", 8, 1024), **linear("text.0", 8, text)}
        files = {name: tiny_bundle.path / name for name in tiny_bundle.files}
        manifest = replace(tiny_bundle, joint=UNPRICED, dimensions={**tiny_bundle.dimensions, JOINT: size})
        return write_bundle(tmp_path / "joined", manifest, {**files, UNPRICED.weights: joint_to_bytes(UNPRICED, parts)})

    return make


def test_a_bundle_brings_its_joint_encoder(joined, tiny_bundle):
    joint = load_joint(joined())
    assert (joint.dimensions, joint.sources) == (8, {IMAGE: 1024, TEXT: 16})
    assert load_joint(tiny_bundle) is None


def test_the_encoder_of_a_bundle_makes_no_derived_rows(joined):
    assert set(load_encoder(joined(), device="cpu").dimensions) == {IMAGE, TEXT}


def test_what_a_bundle_derives(joined, tiny_bundle):
    encoded = {TEXT: random_dense(RNG, 16)}
    assert set(load_derive(joined())(encoded, {})) == {TEXT, JOINT}
    assert load_derive(tiny_bundle) is derive_nothing
    assert derive_nothing(encoded, {}) is encoded


@pytest.mark.parametrize("wrong", [{"text": 15}, {"size": 9}])
def test_a_joint_encoder_for_other_rows_is_refused(joined, wrong):
    with pytest.raises(BundleError):
        load_joint(joined(**wrong))
