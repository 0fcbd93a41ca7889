"""`matchstream bench matching`: what index, blend and match take for a listing in catalogues of several sizes."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from encoders.types import Modality
from streams.benchmarks import in_turns
from streams.benchmarks.families import SIZE, Family, MadeUp, families
from streams.benchmarks.finished import finished
from streams.benchmarks.looking import Cost, Looking
from streams.cli.bench.matching_told import Round, report_of
from streams.cli.bench.shown import Json, Rounds, tell
from streams.cli.console import err
from streams.index import Index
from streams.index.opening import drop_index, open_index
from streams.matching import Policy, Rules
from streams.matching.variants.kinds import VetoKind
from streams.settings import Settings, load_settings

RULES: Final = Rules(Policy(weights={Modality.TEXT: 1.0, Modality.LEXICAL: 2.0}, vetoes=frozenset(VetoKind)))
_KEPT: Final = 60
"""Families that go on getting listings; as many in every catalogue, so that they are alike."""
_FAR: Final = 10_000_000
"""Numbers of families that come later begin here."""


class Engine(StrEnum):
    """Where points live."""

    EMBEDDED = "embedded"
    SERVER = "server"


def bench_matching(
    listings: Annotated[
        str, typer.Option(metavar="N,N", help="Sizes of the catalogues, from small to large.")
    ] = "1000,10000,100000",
    new: Annotated[
        int,
        typer.Option(metavar="N", min=2, help="So many new listings, and updates of as many others, in each round."),
    ] = 128,
    rounds: Rounds = 3,
    index: Annotated[
        Engine, typer.Option(help="An embedded index in a temporary folder, or the server of the settings.")
    ] = Engine.EMBEDDED,
    json: Json = None,
) -> None:
    """Measure index, blend and match without encoders and without a broker, in catalogues of several sizes.

    Catalogues are made up, with groups as in a shop, and filled in at once; new listings and listings in other words
    then go through the stages in batches, as a worker takes them. On a server the collections are removed again.
    """
    sizes, settings = _sizes(listings), load_settings()
    measured: dict[int, list[Round]] = {size: [] for size in sizes}
    with asyncio.Runner() as runner, ExitStack() as places:
        cases: dict[str, Callable[[], float]] = {}
        for size in sizes:
            place = places.enter_context(_filled(size, settings, index, runner))
            cases[f"{size:,} listings"] = _case(place, new, runner, measured[size])
        in_turns(cases, rounds, on_measured=lambda name, per_s: err.print(f"{name}: {per_s:.1f} listings/s"))
    counted = {size: some[-rounds:] for size, some in measured.items()}
    options = {"listings": sizes, "new": new, "rounds": rounds, "index": index.value}
    tell(report_of(counted, options), json)


def _sizes(listings: str) -> list[int]:
    try:
        sizes = sorted({int(one) for one in listings.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1:
        raise typer.BadParameter(f"--listings: {listings!r} are no sizes; for example 1000,10000")
    return sizes


@dataclass
class _Place:
    """A catalogue in an index."""

    index: Index
    looking: Looking
    kept: list[tuple[Family, list[MadeUp]]] = field(default_factory=list)
    later: int = _FAR

    async def fill(self, listings: int) -> None:
        """Have the points of so many listings."""
        filled = 0
        for family, some in families(listings):
            await self.index.write(finished(some, RULES))
            if len(self.kept) < _KEPT:
                self.kept.append((family, some))
            before, filled = filled, filled + len(some)
            if filled // 10_000 > before // 10_000:
                err.print(f"filled in {filled:,} of {listings:,} listings")

    async def round(self, new: int) -> Round:
        """Take new listings through the stages, half of them of products that are new as well; then updates.

        What is new is withdrawn again afterwards, for the catalogue is to be of one size in every round.
        """
        rng = np.random.default_rng(self.later)
        chosen = [self.kept[i] for i in rng.integers(len(self.kept), size=new).tolist()]
        added = [family.another() for family, _ in chosen[: new // 2]] + self._new_products(new - new // 2)
        others = [(family, one) for family, some in self.kept for one in some]
        updated = [family.anew(one) for family, one in (others[i] for i in rng.permutation(len(others))[:new])]
        found = Round(await self._through(added, rng), len(added), await self._through(updated, rng), len(updated))
        await self.looking.withdraw([one.listing_id for one in added])
        return found

    async def _through(self, listings: Sequence[MadeUp], rng: np.random.Generator) -> dict[str, Cost]:
        return await self.looking.take([listings[i] for i in rng.permutation(len(listings)).tolist()])

    def _new_products(self, listings: int) -> list[MadeUp]:
        made: list[MadeUp] = []
        while len(made) < listings:
            self.later += 1
            made += Family(self.later).listings()
        return made[:listings]


@contextmanager
def _filled(size: int, settings: Settings, engine: Engine, runner: asyncio.Runner) -> Iterator[_Place]:
    with tempfile.TemporaryDirectory(prefix="matchstream-bench-") as folder:
        name = f"bench-{secrets.token_hex(4)}"
        update = {"index": engine.value, "index_path": Path(folder), "topic_prefix": f"{name}.", "generation": name}
        here = settings.model_copy(update=update)
        index = runner.run(open_index(here, {Modality.TEXT: SIZE}))
        try:
            # an embedded index works in this process, whose own time others on the machine do not lengthen
            clock = time.process_time if engine is Engine.EMBEDDED else time.perf_counter
            place = _Place(index, Looking(index, RULES, clock))
            runner.run(place.fill(size))
            yield place
        finally:
            runner.run(index.close())
            runner.run(drop_index(here, live=True))


def _case(place: _Place, new: int, runner: asyncio.Runner, measured: list[Round]) -> Callable[[], float]:
    def once() -> float:
        measured.append(runner.run(place.round(new)))
        return measured[-1].per_s

    return once
