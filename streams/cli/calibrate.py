"""`matchstream calibrate`: match thresholds that keep a promised precision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from encoders.bundle import read_bundle
from streams.cli.console import counted, out, printable, table
from streams.cli.evaluate import IMAGES_HELP, LABEL_HELP
from streams.cli.listing_files import FILE_HELP
from streams.errors import SettingsError
from streams.settings import load_settings

if TYPE_CHECKING:
    from streams.evaluation import Calibration, Threshold


def calibrate(  # noqa: PLR0913, PLR0917 - each option is one choice of the user's
    file: Annotated[Path, typer.Argument(metavar="FILE", help=FILE_HELP)],
    label: Annotated[str | None, typer.Option(metavar="FIELD", help=LABEL_HELP)] = None,
    judgements: Annotated[
        str | None,
        typer.Option(
            metavar="PAIRS",
            help="Instead of labels, what people said: a file of 'matchstream review export', or 'topic'.",
        ),
    ] = None,
    target_precision: Annotated[float, typer.Option(help="Share of matched pairs that are to be right.")] = 0.99,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="BUNDLE", help="Folder to write the bundle to.")
    ] = None,
    images: Annotated[Path | None, typer.Option(metavar="FOLDER", help=IMAGES_HELP)] = None,
    bundle: Annotated[str | None, typer.Option(help="Bundle to calibrate; by default that of the settings.")] = None,
) -> None:
    """Choose the lowest match thresholds whose precision is shown, on held-out products, to reach a target.

    Shown means: the lower bound at 95% confidence is at or above the target. Categories with enough labelled pairs get
    a threshold of their own. Where the target can't be shown, nothing matches by itself and people are asked. Use other
    products than those the bundle's scorer was fitted on. With --judgements FILE is the whole catalogue, and matches
    that were drawn by lot (see docs/review.md) count alone where there are any.
    """
    from streams.cli.calibrating import Order, by_judgements, by_labels, write  # noqa: PLC0415 - it brings torch

    _look_at(target_precision)
    _look_at_source(label, judgements)
    settings = load_settings(**({} if images is None else {"image_root": images.resolve()}))
    chosen = read_bundle(bundle or settings.bundle)
    target = output or Path(f"{chosen.name}-calibrated")
    _look_at_bundle(target)
    order = Order(file, chosen, settings, images, target_precision)
    found = by_labels(order, label) if label else by_judgements(order, judgements or "")
    say(found.calibration)
    written, version = write(order, found, target)
    out.print(f"wrote bundle '{written.name}' to {written.path}, thresholds {version}")
    out.print("A changed bundle is a new generation: its lists are made anew beside the live ones.")
    out.print(f"Next: MATCHSTREAM_BUNDLE={written.path} MATCHSTREAM_GENERATION=g2 matchstream worker")


def say(calibration: Calibration) -> None:
    """Print the thresholds, and what is missing where there is none."""
    shown = table("\npairs of", "\nmatch", "\nreview", "\npairs", "\nwrong", "counting\nas", "precision\nat least")
    for one in (*calibration.categories, calibration.general):
        shown.add_row(*_row(one))
    out.print(shown)
    if calibration.pooled:
        names = printable(", ".join(calibration.pooled))
        out.print(f"too few pairs for a threshold of their own, so under 'all others': {names}")
    for one in (*calibration.categories, calibration.general):
        if one.match is None:
            out.print(_abstained(one, calibration.target))


def _row(one: Threshold) -> tuple[str, ...]:
    evidence = one.evidence
    return (
        _name(one),
        "none" if one.match is None else f"{one.match:.4g}",
        "none" if one.review is None else f"{one.review:.4g}",
        f"{evidence.total:.0f}",
        f"{evidence.total - evidence.right:.0f}",
        f"{evidence.effective:.0f}",
        f"{one.bound:.4f}",
    )


def _abstained(one: Threshold, target: float) -> str:
    what = "nothing matches by itself" if one.review is None else f"from {one.review:.4g} on, pairs are for review"
    if one.missing is None:
        help_ = "vetoes or a scorer may, from 'matchstream fit --label'"
        why = (
            f"where it looked safest, precision was {one.evidence.share:.4f}; more labels alone will not help, {help_}"
        )
    else:
        why = f"{target:g} is not shown; about {counted(one.missing, 'more labelled pair')} as good would show it"
    return f"{_name(one)}: {what}. {why[:1].upper()}{why[1:]}"


def _name(one: Threshold) -> str:
    return printable(one.category) or "all others"


def _look_at(target: float) -> None:
    if not 0 < target < 1:
        remedy = "give a share, as 0.99"
        raise SettingsError(
            "--target-precision", got=f"{target:g}", wanted="more than 0 and less than 1", remedy=remedy
        )


def _look_at_source(label: str | None, judgements: str | None) -> None:
    if bool(label) == bool(judgements):
        got = "both" if label else "neither"
        remedy = "name the field that holds the product, or what 'matchstream review export' wrote"
        raise SettingsError("options --label and --judgements", got=got, wanted="one of them", remedy=remedy)


def _look_at_bundle(output: Path) -> None:
    """Before the work, whether a bundle may be written there; one that is there is replaced."""
    if output.exists() and not (output / "manifest.json").is_file() and not _is_empty(output):
        got, remedy = "something that is no bundle", "choose another folder"
        raise SettingsError(f"--output '{output}'", got=got, wanted="a bundle or nothing", remedy=remedy)


def _is_empty(output: Path) -> bool:
    return output.is_dir() and not any(output.iterdir())
