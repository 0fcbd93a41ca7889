"""`matchstream review`: what people said of pairs, in figures and as a file to learn from."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import orjson
import typer

from streams.cli.console import counted, out
from streams.cli.whole_files import ensure_writable, write_whole
from streams.errors import SettingsError
from streams.events import Verdict
from streams.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="What people said of pairs: figures, or a file to learn from.")


@app.callback()
def _group() -> None:
    """What people said of pairs: figures, or a file to learn from."""


@app.command()
def figures(
    target_precision: Annotated[
        float | None,
        typer.Option(help="Precision that the model is to have; by default what the bundle promises, or else 0.99."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as one JSON document.")] = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Show how right matches are by what people say, how far people agree, and how many labels are missing.

    Read from the topics as they are now: the same figures as on the page, which need not be served.
    """
    from streams.cli.review_shown import say  # noqa: PLC0415 - it brings pydantic's models and SciPy
    from streams.web.review.promise import promised_precision  # noqa: PLC0415 - likewise
    from streams.web.review.topics import read_figures  # noqa: PLC0415 - likewise

    _look_at(target_precision)
    settings = load_settings()
    wanted = target_precision or promised_precision(settings.bundle)
    found = asyncio.run(read_figures(settings, wanted))
    if as_json:
        out.print(orjson.dumps(found.model_dump(mode="json")).decode())
    else:
        say(found)


@app.command()
def export(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write the pairs.")],
    min_votes: Annotated[
        int, typer.Option(min=1, help="Only pairs on which so many people said what was decided.")
    ] = 1,
    category: Annotated[str | None, typer.Option(help="Only pairs of this category.")] = None,
) -> None:
    """Write the judged pairs as JSON lines: a, b, verdict, by, at, votes.

    'matchstream train --pairs' learns from them: same joins, different keeps apart. 'matchstream calibrate
    --judgements' chooses thresholds by them. Who judged without a vote, as with 'matchstream judge', counts as one.
    """
    from streams.web.review.topics import read_said  # noqa: PLC0415 - it brings the page's packages

    ensure_writable(output)
    found = asyncio.run(read_said(load_settings()))
    wanted = None if category is None else category.casefold()
    kept = [one for one in found if one.votes >= min_votes and wanted in {None, one.category}]
    if not kept:
        got = f"none of {counted(len(found), 'pair')}" if found else "no verdict on the topic"
        remedy = "judge pairs on the page of 'matchstream serve', or ask for fewer votes or another category"
        raise SettingsError("judged pairs", got=got, wanted="at least one to write", remedy=remedy)
    write_whole(output, b"".join(orjson.dumps(one.to_json()) + b"\n" for one in kept))
    said = Counter(one.verdict for one in kept)
    told = ", ".join(f"{said[verdict]} {verdict}" for verdict in Verdict)
    left_out = len(found) - len(kept)
    out.print(f"wrote {counted(len(kept), 'pair')} ({told}) to {output}{f', {left_out} left out' if left_out else ''}")
    out.print(f"Next: matchstream train LISTINGS.jsonl --pairs {output} --recipe arcface -o BUNDLE")
    out.print(f"or: matchstream calibrate LISTINGS.jsonl --judgements {output}")


def _look_at(target: float | None) -> None:
    if target is not None and not 0 < target < 1:
        wanted, remedy = "more than 0 and less than 1", "give a share, as 0.99"
        raise SettingsError("--target-precision", got=f"{target:g}", wanted=wanted, remedy=remedy)
