"""Rows of what somebody looks for, by the encoders of a bundle; and photos by their address."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from encoders.bundle import Bundle, CaptionSpec, DualSpec, JointSpec, TagSpec, TextSpec, write_bundle
from encoders.joint import joint_to_bytes
from encoders.types import Content, Encoded, Modality
from streams.errors import ImageFetchError, UploadError
from streams.settings import Settings
from streams.web.search.embedding import QueryEncoder
from streams.web.search.photos import photo_at
from streams.web.search.worth import Across
from tests.fakes.hash_encoder import BROKEN, HashEncoder
from tests.fakes.hostile_images import saved, tiff_with_tiles
from tests.fakes.joined import tensors_of
from tests.fakes.trainable import tiny_bundle
from tests.fakes.two_towers import Towers

IMAGE, TEXT, JOINT, LEXICAL = Modality.IMAGE, Modality.TEXT, Modality.JOINT, Modality.LEXICAL
SIZE = 32


@pytest.fixture
def encoder(tmp_path: Path) -> Callable[..., QueryEncoder]:
    """Makes an encoder of hashes, of a bundle that joins them or not."""

    def make(joint: JointSpec | None = None, dimensions=None) -> QueryEncoder:
        bundle = hashing(tmp_path / "bundle", joint)
        return QueryEncoder(bundle, settings(), lambda _bundle, **_: HashEncoder(dimensions))

    return make


def settings(**given) -> Settings:
    return Settings(_env_file=None, device="cpu", **given)


def hashing(folder: Path, joint: JointSpec | None) -> Bundle:
    made = tiny_bundle(folder / "tiny", text=False, image=False)
    files = {name: made.file(name) for name in made.files}
    if joint:
        files[joint.weights] = joint_to_bytes(joint, tensors_of(joint))
    sizes = {IMAGE: SIZE, TEXT: SIZE} | ({JOINT: SIZE} if joint else {})
    return replace(write_bundle(folder / "made", replace(made, joint=None), files), joint=joint, dimensions=sizes)


async def test_words_and_photos_have_a_joint_row_only_where_one_finds_the_other(encoder):
    across = encoder(JointSpec("joint.safetensors", cross_modal=True))
    words, photo = await across.words("shoe"), await across.photo(b"shoe 1")
    assert (words.keys(), photo.keys()) == ({TEXT, LEXICAL, JOINT}, {IMAGE, JOINT})
    assert np.linalg.norm(words[JOINT]) == pytest.approx(1)
    assert np.array_equal(photo[JOINT], photo[IMAGE])
    await across.close()
    apart = encoder(JointSpec("joint.safetensors"))
    assert (await apart.words("shoe")).keys() == {TEXT, LEXICAL}
    await apart.close()


async def test_a_photo_that_can_not_be_read_or_is_too_large_is_told_so(encoder):
    some = encoder()
    with pytest.raises(UploadError, match=r"photo: it can't be read \(not an image\), a whole picture wanted; send"):
        await some.photo(BROKEN)
    with pytest.raises(UploadError, match="photo: 10000001 bytes, at most 10000000 wanted"):
        await some.photo(bytes(10_000_001))
    await some.close()


async def test_a_bundle_that_looks_at_no_photos_says_so(encoder):
    some = encoder(dimensions={TEXT: SIZE})
    with pytest.raises(UploadError, match="bundle 'made', which looks at none"):
        await some.photo(b"shoe 1")
    await some.close()


async def test_words_that_no_encoder_knows_are_told_so(encoder):
    some = encoder(dimensions={})
    with pytest.raises(UploadError, match="words: nothing that the bundle's encoders know"):
        await some.words("\u200b")
    await some.close()


class Seeing(Towers):
    """A dual encoder as bundles have it, which notes what it was loaded for."""

    def __init__(self, bundle: Bundle, **_loading) -> None:
        super().__init__(titles=bundle.text is not None)
        self.bundle = bundle

    def encode(self, contents: Sequence[Content]) -> list[Encoded]:
        return [self._encoded(one) for one in contents]

    def _encoded(self, content: Content) -> Encoded:
        if content.image is None:
            return Encoded(self.said(content.title or ""))
        if content.image == BROKEN:
            return Encoded({}, {Modality.JOINT_IMAGE: "not an image; send another"})
        return Encoded(self.shown(content.image.decode()))


def seeing(tmp_path: Path, **fields) -> tuple[QueryEncoder, list[Seeing]]:
    made, loaded = tiny_bundle(tmp_path / "tiny", text=False, image=False), []
    bundle = replace(made, dual=DualSpec("clip", worth=(0.1, 0.3)), **fields)

    def load(bundle: Bundle, **loading) -> Seeing:
        loaded.append(Seeing(bundle, **loading))
        return loaded[-1]

    return QueryEncoder(bundle, settings(), load), loaded


async def test_a_dual_encoder_has_rows_of_words_and_of_photos_and_sums_none(tmp_path: Path):
    dimensions = {Modality.JOINT_IMAGE: SIZE, Modality.JOINT_TEXT: SIZE, JOINT: SIZE}
    summed = JointSpec(None, (Modality.JOINT_IMAGE, Modality.JOINT_TEXT), cross_modal=True)
    some, _ = seeing(tmp_path, joint=summed, dimensions=dimensions)
    assert JOINT not in await some.words("red shoe")
    assert (await some.photo(b"red shoe")).keys() == {Modality.JOINT_IMAGE}
    with pytest.raises(UploadError, match=r"photo: it can't be read \(not an image\)"):
        await some.photo(BROKEN)
    await some.close()


async def test_nobody_describes_a_query(tmp_path: Path):
    sizes = {Modality.JOINT_IMAGE: SIZE, Modality.JOINT_TEXT: SIZE, Modality.TEXT_OR_CAPTION: SIZE}
    parts = {"captions": CaptionSpec("blip", share=0.4), "tags": TagSpec({"colour": "tags/colour.txt"})}
    some, loaded = seeing(tmp_path, dimensions=sizes, **parts)
    assert (await some.scales()).generated == 0.4
    (encoder,) = loaded
    assert (encoder.bundle.captions, encoder.bundle.tags) == (None, None)
    assert encoder.bundle.dimensions.keys() == {Modality.JOINT_IMAGE, Modality.JOINT_TEXT}
    await some.close()


async def test_scales_are_those_of_the_bundle(tmp_path: Path):
    alone, _ = seeing(tmp_path, text=None)
    scales = await alone.scales()
    assert (scales.across, scales.generated) == (Across(0.1, 0.3), None)
    assert scales.titles is not None, "no other encoder reads titles"
    assert scales.titles.nothing == pytest.approx(0.99), "titles of which it knows no word are all the same to it"
    beside, _ = seeing(tmp_path, text=TextSpec())
    assert (await beside.scales()).titles is None
    blind = QueryEncoder(replace(beside._bundle, dual=DualSpec("clip", worth=(0.3, 0.2))), settings(), Seeing)
    assert (await blind.scales()).across is None, "what tells nothing apart is not asked"
    for one in (alone, beside, blind):
        await one.close()


@pytest.mark.slow
async def test_the_encoders_of_a_real_bundle(tmp_path: Path):
    some = QueryEncoder(tiny_bundle(tmp_path / "tiny"), settings(image_max_pixels=10_000))
    for words in ("red shoe", "x" * 1000, "🧦🧦", "a\0b", "\u202edrow", "'; drop table"):
        assert TEXT in await some.words(words)
    assert (await some.photo(saved(Image.new("RGB", (50, 50), "red"), "PNG"))).keys() == {IMAGE}
    for hostile in (b"", b"GIF89a", b"<svg/>", saved(Image.new("1", (101, 100)), "PNG"), tiff_with_tiles(8, 60_000)):
        with pytest.raises(UploadError, match="photo: it can't be read"):
            await some.photo(hostile)
    await some.close()


class Web:
    async def fetch(self, reference: str) -> bytes:
        if "missing" in reference:
            raise ImageFetchError("image 'https://a/missing'", got="404", wanted="200", remedy="publish it")
        return reference.encode()


async def test_a_photo_by_its_address():
    assert await photo_at(" https://a/b.jpg ", Web()) == b"https://a/b.jpg"
    with pytest.raises(UploadError, match="image 'https://a/missing': 404, 200 wanted; try another photo"):
        await photo_at("https://a/missing", Web())
    for path in ("/etc/passwd", "shoes/1.jpg", "../1.jpg", ""):
        with pytest.raises(UploadError, match="photo: a path"):
            await photo_at(path, Web())
