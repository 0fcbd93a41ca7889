"""Writes a generated catalogue: `python -m encoders.training.catalogue --products 200 -o FOLDER`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from encoders.training.catalogue import DEMO_SEED, generate_catalogue, write_catalogue


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the catalogue and say what it holds."""
    parser = argparse.ArgumentParser(prog="python -m encoders.training.catalogue", description="Generate a catalogue.")
    parser.add_argument("-o", "--output", type=Path, required=True, help="folder to write to")
    parser.add_argument("--products", type=int, default=200, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=DEMO_SEED, help="decides everything (%(default)s, the demo's)")
    options = parser.parse_args(arguments)
    console = Console()
    with console.status(f"drawing and photographing {options.products} products"):
        listings = generate_catalogue(options.products, options.seed)
        path = write_catalogue(listings, options.output)
    pictured = sum(listing.image is not None for listing in listings)
    console.print(f"{path}: {len(listings)} listings of {options.products} products, {pictured} with a photograph")
    console.print(f"next: matchstream match {path} --images {options.output}", soft_wrap=True)


if __name__ == "__main__":
    main()
