"""`matchstream bench capacity`: what a catalogue of some size needs, and what breaks first."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from streams.benchmarks.scaling import LARGE, SMALL, Catalogue, catalogue, read_constants, tables_of
from streams.benchmarks.scaling.document import filled_in
from streams.benchmarks.scaling.gathering import gathered, to_bytes
from streams.cli.bench.shown import show
from streams.cli.console import out
from streams.cli.whole_files import write_whole
from streams.errors import SettingsError

# Beside the sources it is that of docs/scaling.md; without them it has to be named.
_FILE = Path("docs/benchmarks/constants.json")


def bench_capacity(
    *,
    listings: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Of such a catalogue instead of 10 and 200 million.")
    ] = None,
    changes_a_day: Annotated[
        float | None, typer.Option(metavar="N", min=0, help="New and changed listings in a day; 2 in 100 if not given.")
    ] = None,
    prices_a_day: Annotated[
        float | None, typer.Option(metavar="N", min=0, help="New prices in a day; 20 for 100 listings if not given.")
    ] = None,
    constants: Annotated[
        Path, typer.Option(metavar="FILE", help="What one listing costs, with the source of each figure.")
    ] = _FILE,
    from_: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Take into that file what benchmarks wrote to this folder."),
    ] = None,
    document: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the tables into this document, between its marks.")
    ] = None,
) -> None:
    """Say what a catalogue needs: workers, partitions, GPU hours, memory, disk, and what breaks first.

    Nothing is measured: it is computed from constants that other benchmarks measured. `--from` reads what their
    `--json` wrote to a folder (pipeline.json, scale.json, matching.json, encoders.json, and encoders-gpu.json
    where encoders ran on a GPU), those that are there, and renews the constants.
    """
    figures = read_constants(constants)
    if from_ is not None:
        figures = gathered(from_, figures)
        write_whole(constants, to_bytes(figures))
        out.print(f"wrote {len(figures)} constants to {constants}")
    tables = tables_of(_catalogues(listings, changes_a_day, prices_a_day), figures)
    if document is not None:
        write_whole(document, filled_in(_text_of(document), tables).encode())
        out.print(f"wrote {len(tables)} tables into {document}")
        return
    for table in tables:
        show(table)


def _catalogues(listings: int | None, changes: float | None, prices: float | None) -> list[Catalogue]:
    if listings is None:
        if changes is not None or prices is not None:
            raise typer.BadParameter("without --listings", param_hint="'--changes-a-day' and '--prices-a-day'")
        return [SMALL, LARGE]
    return [catalogue(f"{listings:,}", listings, changes, prices)]


def _text_of(document: Path) -> str:
    try:
        return document.read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(
            f"--document '{document}'", got=reason, wanted="a document", remedy="check the path"
        ) from error
