"""A sweep's bookmark in memory, and sweeping to the end of a round."""

from streams.stages.sweep import Sweep


class Bookmark:
    def __init__(self) -> None:
        self.place: str | None = None

    async def read(self) -> str | None:
        return self.place

    async def write(self, place: str | None) -> None:
        self.place = place


async def one_round(sweep: Sweep) -> None:
    await sweep.page()
    while await sweep.bookmark.read() is not None:
        await sweep.page()
