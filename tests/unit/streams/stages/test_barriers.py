"""Barriers: what is known before and after one, and copies that are asked for by one."""

import pytest

from streams.errors import VectorIndexError
from streams.events import Message
from streams.stages.barriers import BACKUP, BARRIER, Attentive

NOW_S = 1_800_000_000.0


class Scene:
    """A stage that notes what happened, in order."""

    def __init__(self):
        self.happened = []
        self.fails = False
        self.attentive = Attentive(self.process, self.refresh, self.backup, clock=lambda: NOW_S)

    async def process(self, messages):
        self.happened.append([message.key for message in messages])

    async def refresh(self):
        self.happened.append("refreshed")

    async def backup(self, name):
        if self.fails:
            raise VectorIndexError("index", got="a full disk", wanted="room", remedy="make some")
        self.happened.append(f"copied {name}")


def mark(listing_id):
    return Message("rematch", listing_id.encode(), b"{}")


def barrier(age_s=1.0, **headers):
    told = {BARRIER: b"g2 is live", **headers}
    return Message("rematch", b"", b"{}", headers=told, timestamp_ms=int((NOW_S - age_s) * 1000))


@pytest.fixture
def scene():
    return Scene()


async def test_the_roster_is_read_before_the_first_batch_and_then_at_barriers_only(scene):
    for batch in ([mark("a")], [mark("b")], [mark("c"), barrier(), mark("d")], [mark("e")]):
        await scene.attentive(batch)
    assert scene.happened == ["refreshed", [b"a"], [b"b"], "refreshed", [b"c", b"d"], [b"e"]]


async def test_a_batch_of_barriers_only_is_no_work(scene):
    await scene.attentive([barrier(), barrier()])
    assert scene.happened == ["refreshed"]


async def test_a_copy_is_made_where_it_is_asked_for_before_anything_else(scene):
    await scene.attentive([mark("a"), barrier(**{BACKUP: b"before-g2"})])
    assert scene.happened == ["refreshed", "copied before-g2", [b"a"]]


async def test_a_barrier_that_is_read_again_long_after_copies_nothing(scene):
    await scene.attentive([barrier(age_s=7200, **{BACKUP: b"before-g2"})])
    assert scene.happened == ["refreshed"]


async def test_work_goes_on_where_there_is_no_room_for_a_copy(scene, caplog):
    scene.fails = True
    await scene.attentive([mark("a"), barrier(**{BACKUP: b"before-g2"})])
    assert scene.happened == ["refreshed", [b"a"]]
    assert "a full disk" in caplog.text
