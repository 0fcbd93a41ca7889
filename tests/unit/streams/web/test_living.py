"""The generation that the page reads is the one that is live."""

from pathlib import Path

import pytest

from encoders.bundle import read_bundle
from streams.errors import IndexUnavailableError
from streams.events.generations import Generation, Live, Roster
from streams.index import Change, View
from streams.index.opening import open_index, sharing
from streams.settings import Settings
from streams.web.living import Living
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.trainable import tiny_bundle


class Watched:
    """A roster that a test writes."""

    def __init__(self, *names: str, bundle: str) -> None:
        self.roster = Roster({name: Generation(name=name, bundle=bundle, digest="digest") for name in names})

    def live(self, name: str, **more: str) -> None:
        self.roster = Roster(self.roster.generations, Live(generation=name, **more))


class Readers:
    """Remembers what was opened and closed."""

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.closed: list[str] = []

    async def __call__(self, settings: Settings, dimensions) -> MemoryIndex:
        self.opened.append(settings.generation)
        reader = MemoryIndex(dimensions)

        async def close() -> None:
            self.closed.append(settings.generation)

        reader.close = close
        return reader


@pytest.fixture
def bundle(tmp_path: Path) -> str:
    return str(tiny_bundle(tmp_path, text=False, image=False).path)


def settings(**given) -> Settings:
    return Settings(_env_file=None, **given)


async def test_another_generation_is_read_as_soon_as_it_is_live(bundle):
    watched, readers = Watched("g1", "g2", "g3", bundle=bundle), Readers()
    living = Living(settings(generation="g9", bundle="none"), watched, readers)
    watched.live("g1")
    first = await living.now()
    assert (first.settings.generation, first.settings.bundle) == ("g1", bundle)
    assert await living.now() is first
    watched.live("", coming="g2")
    assert await living.now() is first
    watched.live("g2")
    assert (await living.now()).settings.generation == "g2"
    watched.live("g1")
    assert await living.now() is first
    watched.live("g3")
    await living.now()
    assert (readers.opened, readers.closed) == (["g1", "g2", "g3"], ["g2"])
    await living.close()
    assert sorted(readers.closed) == ["g1", "g2", "g3"]


async def test_before_the_first_worker_the_settings_say_which(bundle):
    for watched in (None, Watched(bundle=bundle)):
        living = Living(settings(generation="g9", bundle=bundle), watched, Readers())
        assert (await living.now()).settings.generation == "g9"
        await living.close()


async def test_an_index_that_can_not_be_opened_is_tried_again(bundle):
    async def refuse(_settings, _dimensions):
        raise IndexUnavailableError("index", got="nothing", wanted="one", remedy="wait")

    living = Living(settings(bundle=bundle), None, refuse)
    with pytest.raises(IndexUnavailableError):
        await living.now()
    living._open_reader = Readers()
    assert (await living.now()).bundle.name == read_bundle(bundle).name


async def test_the_embedded_index_is_read_through_its_worker_whenever_that_comes(tmp_path: Path, bundle):
    given = settings(bundle=bundle, index_path=tmp_path / "index")
    living = Living(given, None)
    with pytest.raises(IndexUnavailableError, match="nobody shares it"):
        await (await living.now()).reader.count()
    index = await open_index(given, read_bundle(bundle).dimensions)
    async with sharing(given, index):
        await index.write([Change("a", rows={View.RAW: {}})])
        assert await (await living.now()).reader.count() == 1
    await index.close()
    await living.close()
