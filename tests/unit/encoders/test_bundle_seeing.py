"""Bundles with a dual encoder, captions, tags and several photos: what fits together, and what makes other rows."""

import re
from dataclasses import replace

import numpy as np
import orjson
import pytest
from safetensors.numpy import save

from encoders.bundle import (
    CaptionSpec,
    DualSpec,
    ImageSpec,
    JointSpec,
    LexicalSpec,
    Manifest,
    TagSpec,
    TextSpec,
    read_bundle,
    write_bundle,
)
from encoders.bundle.card import CardFacts, card_of
from encoders.bundle.checking import check_manifest
from encoders.bundle.comparing import Standing, compare_bundles
from encoders.bundle.parts import identity_of, identity_of_generated, parts_of
from encoders.bundle.reading import MANIFEST
from encoders.bundle.wording import encoders_in_words, seen_in_words
from encoders.errors import BundleError
from encoders.types import Modality

M = Modality
DUAL = {M.JOINT_IMAGE, M.JOINT_TEXT, M.JOINT}
CAPTIONED = {M.TEXT_OR_CAPTION, M.LEXICAL_OR_CAPTION}
FILES = {
    "text/model.safetensors": save({"a": np.ones(3, np.float32)}),
    "dual/model.safetensors": save({"a": np.ones((2, 3), np.float32)}),
    "captions/model.safetensors": save({"a": np.ones((3, 3), np.float32)}),
    "idf.safetensors": b"idf",
    "tags/colour.txt": b"red\nblue\n",
    "tags/use.txt": b"work\n",
}
SEEING = Manifest(
    text=TextSpec("text"),
    image=ImageSpec(),
    lexical=LexicalSpec(idf="idf.safetensors"),
    dual=DualSpec("dual", worth=(0.1, 0.3)),
    joint=JointSpec(None, (M.JOINT_IMAGE, M.JOINT_TEXT), cross_modal=True),
    captions=CaptionSpec("captions"),
    tags=TagSpec({"colour": "tags/colour.txt", "use": "tags/use.txt"}, {"colour": 0.6}),
    photos=3,
    dimensions={M.TEXT: 4, M.TEXT_OR_CAPTION: 4, M.IMAGE: 5, M.JOINT_IMAGE: 6, M.JOINT_TEXT: 6, M.JOINT: 6},
)


@pytest.fixture
def bundle(tmp_path):
    return write_bundle(tmp_path / "one", SEEING, FILES)


def without(manifest, *gone, **changes):
    """The manifest without some modalities' dimensions."""
    dimensions = {modality: size for modality, size in manifest.dimensions.items() if modality not in gone}
    return replace(manifest, dimensions=dimensions, **changes)


NO_DUAL = without(SEEING, *DUAL, dual=None, joint=None)


def test_all_of_it_is_written_in_format_3_and_read_back(bundle):
    assert orjson.loads((bundle.path / MANIFEST).read_bytes())["format"] == 3
    again = read_bundle(bundle.path)
    for part in ("dual", "joint", "captions", "tags", "photos", "dimensions"):
        assert getattr(again, part) == getattr(SEEING, part)


@pytest.mark.parametrize(
    ("manifest", "wanted"),
    [
        (without(SEEING, *DUAL, M.TEXT_OR_CAPTION, dual=None, joint=None, captions=None, tags=None, photos=1), 1),
        (without(SEEING, *DUAL, M.TEXT_OR_CAPTION, dual=None, joint=None, captions=None, tags=None), 3),
        (without(SEEING, *DUAL, dual=None, joint=None, tags=None, photos=1), 3),
        (without(SEEING, M.TEXT_OR_CAPTION, captions=None, tags=None, photos=1), 3),
    ],
    ids=["nothing of it", "several photos", "captions", "a dual encoder"],
)
def test_whoever_knows_only_what_was_before_reads_what_has_none_of_it(tmp_path, manifest, wanted):
    written = write_bundle(tmp_path / "new", manifest, FILES)
    document = orjson.loads((written.path / MANIFEST).read_bytes())
    assert document["format"] == wanted
    assert not {"dual", "captions", "tags", "photos"} & document.keys() or wanted == 3


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        (without(SEEING, M.TEXT, M.TEXT_OR_CAPTION, text=None), "captions without a text encoder"),
        (NO_DUAL, "tags without a dual encoder, one that finds them wanted; add one, or leave them out"),
        (
            replace(SEEING, dimensions={**SEEING.dimensions, M.JOINT_TEXT: 7}),
            "joint_image rows of 6 and joint_text rows of 7 dimensions, as many wanted",
        ),
        (
            replace(SEEING, dimensions={**SEEING.dimensions, M.TEXT_OR_CAPTION: 7}),
            "text rows of 4 and text_or_caption rows of 7 dimensions, as many wanted",
        ),
        (
            replace(SEEING, dimensions={**SEEING.dimensions, M.JOINT: 7}),
            "joint_image rows of 6 and joint rows of 7 dimensions, as many wanted",
        ),
        (without(SEEING, M.JOINT_TEXT), "dimensions of image, joint, joint_image, text, text_or_caption"),
        (
            replace(SEEING, dual=replace(SEEING.dual, worth=(0.3, 0.3))),
            "worth nothing at 0.3 and everything at 0.3, the lower first wanted",
        ),
        (
            replace(SEEING, tags=replace(SEEING.tags, cuts={"colour": 0.5, "style": 0.5})),
            "a cut of tags 'style', cuts of colour, use wanted",
        ),
        (
            replace(SEEING, tags=replace(SEEING.tags, lists=dict.fromkeys(("colour", "use"), "tags/use.txt"))),
            "one file for two lists of tags",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused_in_words(manifest, message):
    with pytest.raises(BundleError, match=re.escape(message)):
        check_manifest("new", manifest)


def test_a_list_that_is_not_there_is_missed(tmp_path):
    with pytest.raises(BundleError, match=r"no file 'tags/use\.txt', what manifest\.json names wanted"):
        write_bundle(tmp_path / "new", SEEING, {name: data for name, data in FILES.items() if "use" not in name})


@pytest.mark.parametrize(
    ("part", "change", "message"),
    [
        ("dual", {"towers": 2}, "'dual.towers' in manifest.json"),
        ("captions", {"max_tokens": 1}, "'captions.max_tokens' in manifest.json"),
        ("tags", {"template": "a photo"}, "'tags.template' in manifest.json"),
        ("tags", {"lists": {f"list-{i}": f"tags/list-{i}.txt" for i in range(13)}}, "at most 12 items"),
        ("tags", {"lists": {"colour": "../colour.txt"}}, "'tags.lists.colour' in manifest.json"),
        ("tags", {"cuts": {"colour": 1.5}}, "'tags.cuts.colour' in manifest.json"),
        (None, {"photos": 17}, "'photos' in manifest.json"),
        (None, {"eyes": {}}, "'eyes' in manifest.json, which is nothing known here"),
    ],
)
def test_a_field_that_is_unknown_or_of_another_kind_is_named(bundle, part, change, message):
    document = orjson.loads((bundle.path / MANIFEST).read_bytes())
    (document[part] if part else document).update(change)
    (bundle.path / MANIFEST).write_bytes(orjson.dumps(document))
    with pytest.raises(BundleError, match=re.escape(message)):
        read_bundle(bundle.path)


@pytest.mark.parametrize(
    ("file", "others", "generated"),
    [
        ("text/model.safetensors", {M.TEXT, M.TEXT_OR_CAPTION}, False),
        ("dual/model.safetensors", DUAL, True),
        ("captions/model.safetensors", CAPTIONED, True),
        ("idf.safetensors", {M.LEXICAL, M.LEXICAL_OR_CAPTION}, False),
        ("tags/colour.txt", set(), True),
    ],
)
def test_other_rows_and_words_are_made_exactly_where_a_file_is_another(tmp_path, bundle, file, others, generated):
    data = save({"a": np.zeros(4, np.float32)}) if file.startswith(("text", "dual", "capt")) else b"green"
    _check(bundle, write_bundle(tmp_path / "other", SEEING, FILES | {file: data}), others, generated)


@pytest.mark.parametrize(
    ("change", "others", "generated"),
    [
        ({"dual": replace(SEEING.dual, worth=(0.0, 1.0))}, set(), False),
        ({"dual": DualSpec("some/model")}, DUAL, True),
        ({"captions": replace(SEEING.captions, min_words=5)}, CAPTIONED, True),
        ({"captions": replace(SEEING.captions, share=0.2)}, CAPTIONED, False),
        ({"captions": replace(SEEING.captions, prompt="a photo of")}, CAPTIONED, True),
        ({"tags": replace(SEEING.tags, cuts={"colour": 0.7})}, set(), True),
        ({"tags": replace(SEEING.tags, template="{}")}, set(), True),
        ({"photos": 2}, {M.IMAGE, M.JOINT_IMAGE, M.JOINT, *CAPTIONED}, True),
        ({"text": replace(SEEING.text, max_tokens=9)}, {M.TEXT, M.TEXT_OR_CAPTION}, False),
    ],
)
def test_other_rows_and_words_are_made_exactly_where_a_setting_is_another(tmp_path, bundle, change, others, generated):
    _check(bundle, write_bundle(tmp_path / "other", replace(SEEING, **change), FILES), others, generated)


def _check(one, other, others, generated):
    assert {modality for modality in Modality if identity_of(one, modality) != identity_of(other, modality)} == others
    assert (identity_of_generated(one) != identity_of_generated(other)) == generated
    found = compare_bundles(one, other)
    assert {modality for modality, standing in found.rows.items() if standing is Standing.OTHER} == others
    assert (found.generated is Standing.OTHER) == generated
    assert found.differences


def test_captions_and_tags_that_only_one_has_are_said(tmp_path, bundle):
    plain = without(SEEING, M.TEXT_OR_CAPTION, captions=None, tags=None)
    other = write_bundle(tmp_path / "other", plain, FILES)
    assert identity_of_generated(other) is None
    assert compare_bundles(bundle, other).generated is Standing.FIRST
    assert compare_bundles(other, bundle).generated is Standing.SECOND
    assert compare_bundles(other, other).generated is None


def test_each_part_says_what_it_is_and_which_files_it_reads(bundle):
    parts = parts_of(bundle)
    assert list(parts[M.JOINT_IMAGE].files) == list(parts[M.JOINT_TEXT].files) == ["dual/model.safetensors"]
    assert parts[M.JOINT_IMAGE].parameters == 6
    assert parts[M.JOINT].parameters == 0
    assert parts[M.TEXT_OR_CAPTION].parameters == 9
    words = encoders_in_words(bundle)
    assert words[M.JOINT_IMAGE] == "photos by dual, in a space that titles share"
    assert words[M.JOINT_TEXT] == "titles by the same model, in the same space"
    assert words[M.LEXICAL_OR_CAPTION].startswith("as lexical; titles of fewer than 3 words")


def test_what_is_told_of_photos_is_said_in_a_line_each(bundle):
    said = seen_in_words(replace(bundle, dual=DualSpec("some/clip", "abc"), captions=CaptionSpec("some/blip")))
    assert said["photos"] == "the first 3 of a listing, pooled"
    assert said["captions"].startswith("by some/blip, where a title has fewer than 3 words, of 30 tokens at most")
    assert said["tags"] == "colour from 0.60; nothing of use; as 'a photo of {}'"
    assert seen_in_words(Manifest(lexical=LexicalSpec())) == {}


def test_the_card_tells_of_captions_and_tags_and_that_they_may_be_wrong(bundle):
    facts = CardFacts(
        name="one",
        recipe="x",
        counts={},
        data_digest="d",
        command=["x"],
        device="cpu",
        seconds=1,
        seeds=[0],
        metrics={},
    )
    card = card_of(bundle, facts)
    for told in ("| captions |", "colour from 0.60", "no words of the seller's, and may be wrong", "the first 3 of"):
        assert told in card
    plain = card_of(without(SEEING, M.TEXT_OR_CAPTION, captions=None, tags=None, photos=1), facts)
    assert "beside rows" not in plain
    assert "may be wrong" not in plain
