"""`matchstream bundle`: what a bundle is, and how two of them differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from encoders.bundle import read_bundle
from streams.cli import bundle_compared, bundle_shown
from streams.cli.console import out
from streams.cli.listing_files import FILE_HELP
from streams.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Show what an encoder bundle is, or how two of them differ.")

AsJson = Annotated[bool, typer.Option("--json", help="Print it as one line of JSON.")]


@app.command()
def show(
    bundle: Annotated[str | None, typer.Argument(help="A folder, or the name of one that ships.")] = None,
    as_json: AsJson = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Show what encodes, how it matches, where it comes from and its files; by default the bundle of the settings."""
    shown = read_bundle(bundle or load_settings().bundle)
    if as_json:
        out.print(orjson.dumps(bundle_shown.to_json(shown)).decode())
    else:
        bundle_shown.say(shown)


@app.command()
def compare(  # noqa: PLR0917 - each option is one choice of the user's
    first: Annotated[str, typer.Argument(metavar="A", help="A bundle: a folder, or the name of one that ships.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    listings: Annotated[
        Path | None, typer.Option(metavar="FILE", help=f"{FILE_HELP} Both bundles then say who is near whom.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder that image paths are relative to.")
    ] = None,
    sample: Annotated[int, typer.Option(min=2, help="Listings to embed at most.")] = 1000,
    as_json: AsJson = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Show what differs between two bundles, and whether rows made by one can be used with the other."""
    compared = bundle_compared.compared(read_bundle(first), read_bundle(second))
    if listings is not None:
        compared = bundle_compared.with_neighbors(compared, listings, images, sample)
    if as_json:
        out.print(orjson.dumps(bundle_compared.to_json(compared)).decode())
    else:
        bundle_compared.say(compared)
