"""A catalogue embedded by everything that looks at photos: the rows that the stream's encoder makes, and kept."""

import io

import numpy as np
import pytest
from fakes.seeing_bundle import seeing_bundle
from PIL import Image

from encoders.bundle import CaptionSpec, read_bundle
from encoders.errors import CaptionError
from encoders.loading import load_encoder
from encoders.rounding import to_float16
from encoders.types import Content, Encoded, Generated, Modality, SparseRow
from streams.events import Listing
from streams.learning.cache import RowCache
from streams.learning.captions import CaptionCache, Captions
from streams.learning.embedding import embed_catalogue
from streams.learning.telling import Telling
from streams.learning.working import EmbeddingSource, Work
from streams.settings import Settings

TEXT, IMAGE = Modality.TEXT, Modality.JOINT_IMAGE
SAID, WORDS_SAID = Modality.TEXT_OR_CAPTION, Modality.LEXICAL_OR_CAPTION
LISTED = {
    "long": {"title": "red shoe for a phone", "image": "0.png"},
    "short": {"title": "red shoe", "image": "1.png"},
    "several": {"image": "2.png", "images": ["0.png", "1.png", "3.png"]},
    "none": {"title": "shoe"},
}
LISTINGS = {one: Listing.model_validate({"listing_id": one, **fields}) for one, fields in LISTED.items()}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A folder of photos and a bundle."""
    folder = tmp_path_factory.mktemp("shop")
    for number in range(4):
        (folder / f"{number}.png").write_bytes(photo(number))
    seeing_bundle(folder / "bundle", rows="float16")
    return folder


def photo(number):
    pixels = np.random.default_rng(number).integers(0, 256, (40, 40, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def content_of(fields, folder, photos):
    files = [(folder / one).read_bytes() for one in [fields.get("image"), *fields.get("images", [])][:photos] if one]
    title = fields.get("title")
    return Content(title, files[0] if files else None, title or "", tuple(files[1:]))


def dense(row):
    if not isinstance(row, SparseRow):
        return row
    full = np.zeros(1 << 20, np.float32)
    full[row.indices] = row.values
    return full


def test_rows_are_those_of_the_encoder_and_the_second_time_nothing_is_looked_at(shop, tmp_path, monkeypatch):
    bundle, settings = read_bundle(shop / "bundle"), Settings(image_root=shop)
    contents = [content_of(fields, shop, bundle.photos) for fields in LISTED.values()]
    wanted = dict(zip(LISTED, load_encoder(bundle).encode(contents), strict=True))
    warnings = []
    found = embed_catalogue(LISTINGS, bundle, settings, tmp_path, Telling(warnings.append))
    assert not warnings
    for one, rows in found.items():
        assert {m for m in rows if not m.derived} == wanted[one].embedding.keys(), one
        for modality, row in wanted[one].embedding.items():
            assert float(dense(row) @ dense(rows[modality])) == pytest.approx(1, abs=1e-3), (one, modality)
            assert np.array_equal(dense(rows[modality]), dense(to_float16(rows[modality]))), (one, modality)
    assert wanted["several"].generated.caption
    assert {SAID, WORDS_SAID, Modality.JOINT} <= found["several"].keys()
    assert TEXT not in found["several"]

    def refuse(*_, **__):
        raise AssertionError("looked again")

    monkeypatch.setattr("encoders.captions.captioner.Captioner.caption", refuse)
    monkeypatch.setattr("encoders.dual.towers.PhotoTower.encode", refuse)
    again = embed_catalogue(LISTINGS, bundle, settings, tmp_path, Telling(warnings.append))
    for one, rows in found.items():
        assert all(np.array_equal(dense(row), dense(again[one][modality])) for modality, row in rows.items())


def test_nobody_waits_for_a_file_so_its_captions_take_the_time_they_take(shop):
    warnings = []
    hurried = Settings(image_root=shop, caption_timeout_s=1e-9)
    some = {"several": LISTINGS["several"]}
    found = embed_catalogue(some, read_bundle(shop / "bundle"), hurried, None, Telling(warnings.append))
    assert {SAID, WORDS_SAID} <= found["several"].keys()
    assert not warnings


class Said:
    """An encoder whose captioner fails, or says nothing."""

    def __init__(self, *, fails):
        self.fails, self.asked = fails, 0

    def encode(self, contents):
        self.asked += len(contents)
        return [self._encoded(one) for one in contents]

    def _encoded(self, content):
        row = np.array([1, 0], np.float32)
        rows = {TEXT: row} if content.title else {}
        failed = self.fails and content.described is not None
        if content.described and not failed:
            rows[SAID] = row
        return Encoded(rows, {SAID: str(CaptionError("too slow"))} if failed else {}, Generated())


@pytest.mark.parametrize("fails", [True, False])
def test_a_caption_that_failed_leaves_no_row_and_is_asked_for_again_and_one_of_no_words_is_not(tmp_path, fails):
    encoder, warnings = Said(fails=fails), []
    contents = {"a": Content("red shoe", b"1"), "b": Content("red shoe for a phone", b"1"), "c": Content(None, b"1")}

    def embedded():
        captions = Captions(CaptionSpec("x"), CaptionCache(tmp_path / "captions", print))
        cache = {TEXT: RowCache(tmp_path / "rows", 2, print)}
        work = Work(EmbeddingSource(lambda: encoder, None, cache, captions=captions), Telling(warnings.append))
        found = dict(zip(contents, work.embed(contents), strict=True))
        work.keep()
        return found

    found = embedded()
    assert (SAID in found["a"]) == (not fails)
    assert SAID in found["b"]
    assert not found["c"]
    assert bool(warnings) == fails
    before = encoder.asked
    embedded()
    assert (encoder.asked > before) == fails


def test_captions_are_kept_for_the_next_run_and_damaged_files_are_warned_of(tmp_path):
    warnings = []
    CaptionCache(tmp_path, print).add({b"one": "a red mug", b"two": ""})
    again = CaptionCache(tmp_path, warnings.append)
    assert [again.get(key) for key in (b"one", b"two", b"three")] == ["a red mug", "", None]
    (tmp_path / "torn.json").write_text('{"6f6e')
    (tmp_path / "list.json").write_text("[1]")
    assert CaptionCache(tmp_path, warnings.append).get(b"one") == "a red mug"
    assert len(warnings) == 2
    (tmp_path / "file").write_text("in the way")
    full = CaptionCache(tmp_path / "file", warnings.append)
    full.add({b"one": "a red mug"})
    assert "captions are not kept in" in warnings[-1]
    assert full.get(b"one") == "a red mug"
