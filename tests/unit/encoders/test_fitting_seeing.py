"""Bundles made with a dual encoder, captions and tags, and made again from those."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes.seeing_bundle import SEEING, TAG_LISTS, seeing_bundle
from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import DIMENSIONS, save_tiny_clip
from safetensors.numpy import save

from encoders import BundleError, Content, ModelMissingError, load_encoder, read_bundle
from encoders.bundle import CaptionSpec, DualSpec, JointSpec, TagSpec, write_bundle
from encoders.fitting import Changes, fit_bundle
from encoders.tags import shipped_lists
from encoders.types import Modality

TITLES = ["red shoe", "blue shoe", "red phone 64 gb", "camera"]
DUAL = {Modality.JOINT_IMAGE, Modality.JOINT_TEXT, Modality.JOINT}
CAPTIONED = {Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A folder of models as somebody has them, with files that are none of a model's."""
    folder = tmp_path_factory.mktemp("seeing")
    save_tiny_clip(folder / "clip")
    save_tiny_blip(folder / "blip")
    (folder / "clip" / "pytorch_model.bin").write_bytes(b"a pickle")
    (folder / "clip" / "modeling.py").write_text("raise SystemExit")
    return folder


@pytest.fixture(scope="module")
def seeing(tmp_path_factory):
    return seeing_bundle(tmp_path_factory.mktemp("bundles") / "seeing")


def make(tmp_path, base, **changes):
    return fit_bundle(TITLES, tmp_path / "mine", base=base, changes=Changes(**changes))


def test_models_that_are_folders_are_taken_into_the_bundle_and_load_from_there(
    tmp_path, tiny_bundle, models, encoded_image
):
    made = make(
        tmp_path,
        tiny_bundle,
        dual_model=str(models / "clip"),
        caption_model=str(models / "blip"),
        caption_min_words=2,
        tag_lists=shipped_lists(),
        photos=2,
    )
    assert made.dual == DualSpec("dual")
    assert made.joint == JointSpec(None, (Modality.JOINT_IMAGE, Modality.JOINT_TEXT), cross_modal=True)
    assert made.captions == CaptionSpec("captions", min_words=2)
    assert made.tags.lists.keys() == shipped_lists().keys()
    assert set(made.tags.cuts.values()) == {0.5}
    assert made.photos == 2
    assert {made.dimensions[modality] for modality in DUAL} == {DIMENSIONS}
    assert made.dimensions[Modality.TEXT_OR_CAPTION] == 16
    assert not [name for name in made.files if name.endswith((".bin", ".py"))]
    moved = read_bundle(made.path.rename(tmp_path / "moved"))
    assert str(models) not in (moved.path / "manifest.json").read_text()
    encoder = load_encoder(moved, device="cpu")
    (encoded,) = encoder.encode([Content("shoe", encoded_image("red"), described="shoe")])
    assert encoded.embedding.keys() == moved.modalities - {Modality.JOINT}
    assert encoded.generated.caption


def test_a_bundle_made_from_one_with_all_of_it_keeps_all_of_it(tmp_path, seeing):
    made = make(tmp_path, seeing)
    for part in ("text", "dual", "joint", "captions", "tags", "photos", "dimensions"):
        assert getattr(made, part) == getattr(SEEING, part)
    assert {name: digest for name, digest in made.files.items() if name in seeing.files} == seeing.files


@pytest.mark.parametrize(
    ("changes", "gone"),
    [
        ({"dual": False}, DUAL),
        ({"captions": False}, CAPTIONED),
        ({"tags": False}, set()),
        ({"text": False}, {Modality.TEXT, *CAPTIONED}),
    ],
    ids=["no dual encoder", "no captions", "no tags", "no text, which reads captions"],
)
def test_a_part_can_be_left_out_and_its_files_with_it(tmp_path, seeing, changes, gone):
    made = make(tmp_path, seeing, **changes)
    assert made.modalities == seeing.modalities - gone
    assert (made.tags is None) == ("dual" in changes or "tags" in changes)
    folders = {name.split("/")[0] for name in made.files}
    assert ("dual" in folders) == (made.dual is not None)
    assert ("captions" in folders) == (made.captions is not None)
    assert ("tags" in folders) == (made.tags is not None)


def test_lists_of_ones_own_come_beside_the_bases_and_over_them_and_only_other_ones_lose_their_cut(tmp_path, seeing):
    learned = write_bundle(
        tmp_path / "learned",
        replace(seeing, tags=replace(seeing.tags, cuts={"colour": 0.71})),
        {name: seeing.path / name for name in seeing.files},
    )
    lists = {"colour": TAG_LISTS["colour"], "category": "mug\n", "brand": "acme\n"}
    given = {name: tmp_path / f"{name}.txt" for name in lists}
    for name, content in lists.items():
        given[name].write_text(content)
    assert make(tmp_path, learned).tags.cuts == {"colour": 0.71}
    made = make(tmp_path, learned, tag_lists=given)
    assert made.tags.lists == {name: f"tags/{name}.txt" for name in ("category", "colour", "brand")}
    assert made.tags.cuts == {"colour": 0.71, "category": 0.5, "brand": 0.5}
    assert made.file("tags/category.txt").read_text() == "mug\n"


def test_another_dual_encoder_makes_every_cut_the_default_again(tmp_path, seeing, models):
    made = make(tmp_path, seeing, dual_model=str(models / "clip"))
    assert made.tags == TagSpec(SEEING.tags.lists, dict.fromkeys(TAG_LISTS, 0.5))


def test_other_numbers_keep_the_bases_models(tmp_path, seeing):
    made = make(tmp_path, seeing, caption_min_words=7, photos=1)
    assert made.captions == replace(SEEING.captions, min_words=7)
    assert made.photos == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"tag_lists": shipped_lists()},
            "tags without a joint encoder, one that finds them wanted; name one: --joint-",
        ),
        ({"caption_min_words": 2}, "a least number of words without captions, a model that writes them wanted"),
        ({"caption_model": "some/model", "text": False}, "captions without a text encoder"),
        ({"dual_revision": "abc"}, "the revision 'abc' of no joint model, a model wanted; name it: --joint-model NAME"),
        ({"caption_revision": "abc"}, "the revision 'abc' of no caption model"),
    ],
)
def test_what_lacks_what_it_needs_is_refused_before_any_model_is_looked_for(tmp_path, tiny_bundle, changes, message):
    with pytest.raises(BundleError, match=message):
        make(tmp_path, tiny_bundle, **changes)
    assert not (tmp_path / "mine").exists()


def test_another_captioning_model_is_for_the_titles_that_the_base_says(tmp_path, seeing, models):
    base = replace(seeing, captions=replace(seeing.captions, min_words=5, share=0.25))
    made = make(tmp_path, base, caption_model=str(models / "blip")).captions
    assert (made.min_words, made.share) == (5, 0.25)
    assert make(tmp_path, base, caption_model=str(models / "blip"), caption_min_words=2).captions.min_words == 2


def test_a_list_that_cannot_be_read_is_named_with_its_line(tmp_path, seeing):
    (tmp_path / "colour.txt").write_text("red\nred\n")
    with pytest.raises(BundleError, match=r"list '.*colour\.txt', line 2: 'red', which 'red' has already"):
        make(tmp_path, seeing, tag_lists={"colour": tmp_path / "colour.txt"})


@pytest.mark.parametrize("option", ["dual_model", "caption_model"])
def test_a_model_that_is_not_here_is_to_be_pulled(tmp_path, tiny_bundle, option):
    with pytest.raises(ModelMissingError, match="matchstream models pull some/model"):
        make(tmp_path, tiny_bundle, **{option: "some/model"})


@pytest.mark.parametrize(("option", "wrong"), [("dual_model", "blip"), ("caption_model", "clip")])
def test_a_model_of_another_kind_leaves_no_bundle(tmp_path, tiny_bundle, models, option, wrong):
    with pytest.raises(BundleError, match=wrong):
        make(tmp_path, tiny_bundle, **{option: str(models / wrong)})
    assert not (tmp_path / "mine").exists()


def test_a_trained_joint_space_stays_beside_a_dual_encoder_as_long_as_what_it_joins(tmp_path, tiny_bundle, models):
    file = tmp_path / "joint.safetensors"
    tensors = {"text.0.weight": np.ones((3, 16), np.float32), "text.0.bias": np.zeros(3, np.float32)}
    file.write_bytes(save(tensors))
    spec = JointSpec("joint.safetensors", (Modality.TEXT,))
    base = fit_bundle(TITLES, tmp_path / "base", base=tiny_bundle, changes=Changes(joint=spec, joint_weights=file))
    both = fit_bundle(TITLES, tmp_path / "both", base=base, changes=Changes(dual_model=str(models / "clip")))
    assert both.joint == spec
    assert both.dual
    assert make(tmp_path, both, image=False).joint.weights is None
    assert make(tmp_path, both, dual=False).joint is None


def test_a_joint_space_over_a_dual_encoder_goes_with_it(tmp_path, seeing, models):
    file = Path(tmp_path / "joint.safetensors")
    names = {"joint_text.0.weight": (3, DIMENSIONS), "joint_text.0.bias": (3,)}
    file.write_bytes(save({name: np.ones(shape, np.float32) for name, shape in names.items()}))
    spec = JointSpec("joint.safetensors", (Modality.JOINT_TEXT,))
    fused = fit_bundle(TITLES, tmp_path / "fused", base=seeing, changes=Changes(joint=spec, joint_weights=file))
    assert make(tmp_path, fused, text=False).joint == spec
    assert make(tmp_path, fused, dual_model=str(models / "clip")).joint.weights is None
