"""Words find pictures, with a real dual encoder: a tiny CLIP that was taught generated products, through its bundle."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from fakes.taught_duals import Shown, shown_products, teach, words_of
from fakes.tiny_duals import DIMENSIONS, save_tiny_clip

from encoders.bundle import Bundle, DualSpec, JointSpec, LexicalSpec, Manifest, write_bundle
from encoders.loading import load_encoder
from encoders.types import Content, Embedding, Modality
from streams.index import Change, View
from streams.learning.seen import Seen, measure_worth
from streams.settings import Settings
from streams.stages import state
from streams.web.search.embedding import QueryEncoder
from streams.web.search.query import SearchRequest
from streams.web.search.searching import Searcher
from tests.fakes.memory_index import MemoryIndex

pytestmark = pytest.mark.slow

_OF_TITLES = (Modality.JOINT_TEXT, Modality.LEXICAL)
_OF_PHOTOS = (Modality.JOINT_IMAGE,)
SHARED = Modality.JOINT_IMAGE, Modality.JOINT_TEXT
SUMMED = JointSpec(None, SHARED, cross_modal=True)
PRODUCTS, STEPS = 60, 100


@pytest.fixture(scope="module")
def shown() -> list[Shown]:
    return shown_products(PRODUCTS)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory, shown: list[Shown]) -> Bundle:
    sizes = dict.fromkeys((*SHARED, Modality.JOINT), DIMENSIONS)
    manifest = Manifest(lexical=LexicalSpec(), dual=DualSpec("dual"), joint=SUMMED, dimensions=sizes)
    with TemporaryDirectory() as models:
        save_tiny_clip(Path(models, "dual"), words_of(shown))
        teach(Path(models, "dual"), shown, STEPS)
        files = {str(path.relative_to(models)): path for path in Path(models).rglob("*") if path.is_file()}
        return write_bundle(tmp_path_factory.mktemp("bundles") / "taught", manifest, files)


@pytest.fixture(scope="module")
def whole(bundle: Bundle, shown: list[Shown]) -> list[Embedding]:
    contents = [Content(one.title, one.photo) for one in shown]
    return [one.embedding for one in load_encoder(bundle, device="cpu").encode(contents)]


@pytest.fixture(scope="module")
def rows(whole: list[Embedding]) -> list[Embedding]:
    """Every second one lacks a title, and of the others every second one a photo."""
    missing = [_OF_TITLES if i % 2 else _OF_PHOTOS if i % 4 == 0 else () for i in range(len(whole))]
    return [
        {name: row for name, row in one.items() if name not in without}
        for one, without in zip(whole, missing, strict=True)
    ]


@pytest.fixture(scope="module")
def fitted(bundle: Bundle, whole: list[Embedding], shown: list[Shown]) -> Bundle:
    """With what cosines are worth, as `fit` measures it."""
    return Seen(measure_worth(whole, [one.title for one in shown])).applied(bundle)


async def ranks(bundle: Bundle, rows: list[Embedding], asked: list[SearchRequest]) -> list[int]:
    """Where the listing of each request's number is found; far away where it is not."""
    index = MemoryIndex(bundle.dimensions)
    payloads = [{state.LISTING: {"listing_id": f"l{i}", "image": "a.jpg"}} for i in range(len(rows))]
    changes = [Change(f"l{i}", rows={View.RAW: one}, payload=payloads[i]) for i, one in enumerate(rows)]
    await index.write(changes)
    encoder = QueryEncoder(bundle, Settings(_env_file=None, device="cpu"))
    found = []
    for i, request in enumerate(asked):
        ids = [one.best.offer.listing_id for one in await Searcher(index, encoder).search(request)]
        found.append(ids.index(f"l{i}") if f"l{i}" in ids else len(rows))
    await encoder.close()
    return found


async def test_words_find_what_a_photo_shows_among_titles(fitted, rows, shown):
    found = await ranks(fitted, rows, [SearchRequest(one.title) for one in shown])
    untitled, titled = found[1::2], found[::2]
    assert sum(rank == 0 for rank in untitled) >= 0.9 * len(untitled)
    assert sum(rank == 0 for rank in titled) >= 0.9 * len(titled)


async def test_a_photo_finds_itself_and_titles_that_fit_it(fitted, rows, shown):
    found = await ranks(fitted, rows, [SearchRequest(photo=one.photo) for one in shown])
    assert all(rank == 0 for i, rank in enumerate(found) if i % 4)
    without_photo = found[::4]
    assert sum(rank < 3 for rank in without_photo) >= 0.8 * len(without_photo)
