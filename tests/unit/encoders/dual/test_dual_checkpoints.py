import io
import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import siglip_tokenizer
from fakes.tiny_models import save_tiny_bert
from PIL import Image
from safetensors.torch import load_file, save_file
from sentencepiece import SentencePieceTrainer
from transformers import Aimv2Config, Aimv2Model, CLIPModel, CLIPTextModel, CLIPVisionModel, SiglipTokenizer

from encoders.bundle import DualSpec
from encoders.dual import DualEncoder
from encoders.errors import BundleError, EncoderError, ModelMissingError

Spoil = Callable[[Path], object]
WEIGHTS, CONFIG = "model.safetensors", "config.json"


@pytest.fixture
def folder(tiny_duals: dict[str, Path], tmp_path: Path) -> Path:
    """A copy of the tiny CLIP, to be spoiled."""
    return Path(shutil.copytree(tiny_duals["clip"], tmp_path / "clip"))


def _load(folder: Path) -> DualEncoder:
    return DualEncoder(DualSpec(str(folder)))


def _edit(file: Path, **changes: object) -> None:
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def _one_tower(folder: Path, kind: type) -> None:
    model = CLIPModel.from_pretrained(folder)
    config = model.config.vision_config if kind is CLIPVisionModel else model.config.text_config
    kind(config).save_pretrained(folder)


def _bert(folder: Path) -> None:
    shutil.rmtree(folder)
    save_tiny_bert(folder)


def _blip(folder: Path) -> None:
    shutil.rmtree(folder)
    save_tiny_blip(folder)


def _reweigh(folder: Path, change: Callable[[str, torch.Tensor], torch.Tensor | None]) -> None:
    weights = {name: change(name, tensor) for name, tensor in load_file(folder / WEIGHTS).items()}
    kept = {name: tensor.contiguous() for name, tensor in weights.items() if tensor is not None}
    save_file(kept, folder / WEIGHTS, metadata={"format": "pt"})


def _tear(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def _pickle(folder: Path) -> None:
    torch.save(load_file(folder / WEIGHTS), folder / "pytorch_model.bin")
    (folder / WEIGHTS).unlink()


def _without_tokenizer(folder: Path) -> None:
    for file in folder.glob("tokenizer*"):
        file.unlink()


def _without_text_tower(name: str, tensor: torch.Tensor) -> torch.Tensor | None:
    return None if name.startswith("text_model") else tensor


def _own_code(folder: Path, file: str) -> None:
    _edit(folder / file, auto_map={"AutoModel": "own.Own", "AutoTokenizer": ["own.Own", None]})
    (folder / "own.py").write_text("raise SystemExit('somebody ran it')")


def _reads_padding(folder: Path) -> None:
    """An AIMv2, which transformers lets look at all of a text that is not padded, and else at what came before."""
    clip = CLIPModel.from_pretrained(folder).config
    photos = {name: getattr(clip.vision_config, name) for name in ("hidden_size", "image_size", "patch_size")}
    small = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    text = clip.text_config.to_dict() | small
    torch.manual_seed(0)
    model = Aimv2Model(Aimv2Config(text_config=text, vision_config=photos | small, projection_dim=32))
    for weights in model.text_model.parameters():
        weights.data *= 2  # so that attending matters
    model.save_pretrained(folder)


def _processor(folder: Path, **changes: object) -> None:
    file = folder / "processor_config.json"
    values = json.loads(file.read_text())
    _edit(file, image_processor=values["image_processor"] | changes)


@pytest.mark.parametrize(
    ("spoil", "error", "words"),
    [
        (_bert, BundleError, "a BertModel, which does not bring photos and texts into one space"),
        (_blip, BundleError, "a BlipForConditionalGeneration, which does not bring photos and texts into one space"),
        (lambda f: _one_tower(f, CLIPVisionModel), BundleError, "a CLIPVisionModel, which .* name another one"),
        (lambda f: _one_tower(f, CLIPTextModel), BundleError, "a CLIPTextModel, which .* a tower for photos and one"),
        (lambda f: (f / "processor_config.json").unlink(), BundleError, "without an image processor .* preprocessor_"),
        (_without_tokenizer, BundleError, r"a tokenizer of 2 tokens, one of \d+ tokens wanted; copy all files"),
        (lambda f: siglip_tokenizer(["red"]).save_pretrained(f), BundleError, "a tokenizer of 4 tokens"),
        (lambda f: _tear(f / WEIGHTS), ModelMissingError, r"deserializing header.*give a folder that holds the model"),
        (_pickle, ModelMissingError, r"no file named model.safetensors"),
        (lambda f: _reweigh(f, _without_text_tower), BundleError, r"without weights that fit 'text_model\..* such\)"),
        (
            lambda f: _reweigh(f, lambda name, w: w[:5] if name == "visual_projection.weight" else w),
            BundleError,
            r"without weights that fit 'visual_projection.weight' \(1 such\), all weights of a CLIPModel",
        ),
        (lambda f: _reweigh(f, lambda _, w: w * float("nan")), BundleError, "make rows of no number"),
        (_reads_padding, BundleError, "reads a text in another way beside a longer one"),
        (lambda f: _own_code(f, CONFIG), BundleError, "'auto_map' in config.json. that is never run"),
        (lambda f: _own_code(f, "tokenizer_config.json"), BundleError, "'auto_map' in tokenizer_config.json"),
        (lambda f: _own_code(f, "processor_config.json"), BundleError, "'auto_map' in processor_config.json"),
        (lambda f: _edit(f / CONFIG, model_type="unheard_of"), BundleError, "an unknown kind .*unheard_of"),
        (lambda f: (f / CONFIG).write_text("{"), BundleError, "an unknown kind .*not a valid JSON"),
        (lambda f: (f / CONFIG).write_text("[]"), BundleError, "an unknown kind"),
        (lambda f: (f / CONFIG).rename(f / "open_clip_config.json"), BundleError, "for open_clip alone"),
        (lambda f: _processor(f, do_resize=False), BundleError, "an image processor that can't be used"),
        (lambda f: _processor(f, rescale_factor=1 / 127.5), BundleError, "an image processor that can't be used"),
        (lambda f: _processor(f, crop_size={"height": 40, "width": 40}), BundleError, "can't be run"),
    ],
)
def test_what_is_no_dual_encoder_is_refused_in_one_line_with_the_remedy(
    folder: Path, spoil: Spoil, error: type[EncoderError], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    spoil(folder)
    capfd.readouterr()
    with pytest.raises(error, match=words) as caught:
        _load(folder)
    assert "\n" not in str(caught.value)
    assert str(folder) in str(caught.value)
    assert str(caught.value).count(";") == 1
    assert capfd.readouterr() == ("", "")


def test_a_model_that_is_nowhere_is_told_with_every_place_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError, match="matchstream models pull nobody/clip") as caught:
        DualEncoder(DualSpec("nobody/clip"), tmp_path)
    assert str(tmp_path / "nobody" / "clip") in caught.value.looked_in[0]


def test_a_siglip_reads_with_its_own_sentencepiece_model(tiny_duals: dict[str, Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(tiny_duals["siglip"], tmp_path / "siglip"))
    _without_tokenizer(folder)
    choose, model = random.Random(0), io.BytesIO()
    sentences = (" ".join(choose.choices(["red", "blue", "shoe", "camera", "for", "a"], k=6)) for _ in range(99))
    SentencePieceTrainer.train(
        sentence_iterator=sentences, model_writer=model, vocab_size=25, eos_id=1, unk_id=2, pad_id=-1, bos_id=-1,
        hard_vocab_limit=False, minloglevel=2,
    )  # fmt: skip
    (folder / "spiece.model").write_bytes(model.getvalue())
    tokenizer = SiglipTokenizer(str(folder / "spiece.model"), model_input_names=["input_ids"])
    tokenizer.save_pretrained(folder)
    texts = _load(folder).texts
    plain, shouted, other = texts.encode(["red shoe for a camera", "RED shoe, for a CAMERA!", "blue shoe for a camera"])
    assert plain == pytest.approx(shouted, abs=1e-6)
    assert plain != pytest.approx(other, abs=1e-3)


def test_a_siglip_reads_lower_case_although_its_tokenizer_tells_capitals_apart(
    tiny_duals: dict[str, Path], tmp_path: Path
) -> None:
    """As SigLIP 2 was trained, and the tokenizer that it is published with does not do."""
    folder = Path(shutil.copytree(tiny_duals["siglip"], tmp_path / "siglip"))
    tokenizer = json.loads((folder / "tokenizer.json").read_text())
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer | {"normalizer": None}))
    shouted, plain, other = _load(folder).texts.encode(["RED Shoe", "red shoe", "red unheard-of"])
    assert shouted == pytest.approx(plain, abs=1e-6)
    assert plain != pytest.approx(other, abs=1e-3)


def test_an_image_processor_that_does_more_than_its_settings_say_is_refused(folder: Path) -> None:
    """EfficientNet's normalises a second time."""
    _processor(
        folder,
        image_processor_type="EfficientNetImageProcessor",
        size={"height": 32, "width": 32},
        do_center_crop=False,
        include_top=True,
    )
    with pytest.raises(BundleError, match="an image processor of its own kind"):
        _load(folder)


def test_what_was_saved_whole_is_loaded_whole(folder: Path) -> None:
    photo = Image.fromarray(np.random.default_rng(3).integers(0, 256, (40, 40, 3), dtype=np.uint8))
    before, again = _load(folder), _load(folder)
    assert np.array_equal(before.texts.encode(["red"]), again.texts.encode(["red"]))
    assert np.array_equal(
        before.photos.encode([before.photos.prepared(photo)]), again.photos.encode([again.photos.prepared(photo)])
    )
