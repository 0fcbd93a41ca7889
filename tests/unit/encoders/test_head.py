"""What training put behind a backbone: applied, joined with another, written, read, and refused where it is wrong."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save

from encoders.errors import BundleError
from encoders.head import Head, read_head

SCALES = Head(torch.tensor([2.0, -1.0, 0.5]), torch.tensor([0.0, 1.0, 3.0]))
MIXES = Head(torch.tensor([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]), torch.tensor([0.0, -1.0]))
FEATURES = torch.tensor([[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]])


def test_a_vector_scales_and_a_matrix_mixes():
    assert SCALES(FEATURES).tolist() == [[2.0, -1.0, 4.5], [0.0, 1.0, 3.0]]
    assert MIXES(FEATURES).tolist() == [[7.0, 5.0], [0.0, -1.0]]


@settings(max_examples=20)
@given(st.booleans(), st.booleans(), st.integers(0, 9))
def test_two_heads_are_one(first_mixes, second_mixes, seed):
    generator = torch.Generator().manual_seed(seed)

    def head(out, size):
        shape = (out, size) if out else (size,)
        return Head(torch.randn(shape, generator=generator), torch.randn(out or size, generator=generator))

    first = head(4 if first_mixes else 0, 3)
    second = head(5 if second_mixes else 0, len(first.bias))
    features = torch.randn(6, 3, generator=generator)
    torch.testing.assert_close(first.then(second)(features), second(first(features)), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("head", [SCALES, MIXES])
def test_a_head_is_read_as_it_was_written(tmp_path, head):
    path = tmp_path / "head.safetensors"
    path.write_bytes(head.to_bytes())
    assert torch.equal(read_head(path, 3)(FEATURES), head(FEATURES))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"nothing of the kind", "can't be read"),
        (save({"weight": torch.ones(3)}), "can't be read"),
        (save({"weight": torch.ones(4), "bias": torch.ones(4)}), r"a head of \(4,\) and \(4,\)"),
        (save({"weight": torch.ones(2, 3), "bias": torch.ones(3)}), r"a head of \(2, 3\) and \(3,\)"),
        (save({"weight": torch.ones(1, 2, 3), "bias": torch.ones(1)}), r"a head of \(1, 2, 3\)"),
        (save({"weight": torch.tensor([1.0, torch.nan, 1.0]), "bias": torch.ones(3)}), "no number"),
    ],
)
def test_a_head_that_is_wrong_is_refused(tmp_path, content, told):
    path = tmp_path / "head.safetensors"
    path.write_bytes(content)
    with pytest.raises(BundleError, match=f"bundle 'mine': .*{told}.*wanted; make the bundle again"):
        read_head(path, 3, "mine")


def test_a_head_that_is_missing_is_refused(tmp_path):
    with pytest.raises(BundleError, match=r"'head\.safetensors' that can't be read"):
        read_head(tmp_path / "head.safetensors", 3)
