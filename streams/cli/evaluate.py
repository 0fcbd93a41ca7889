"""`matchstream evaluate`: how right the matches of a labelled file are."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer

from encoders.bundle import Bundle, read_bundle
from streams.cli.console import counted, out, printable, progress_bar, table
from streams.cli.listing_files import FILE_HELP
from streams.errors import SettingsError
from streams.images import ImageFetcher
from streams.settings import Settings, load_settings

if TYPE_CHECKING:
    from encoders.metrics import Interval
    from streams.evaluation import Evaluation, Row
    from streams.learning import LabelledCatalogue

LABEL_HELP = "Field that names the product of a listing."
IMAGES_HELP = "Folder that image paths are relative to."

_SHOWN = ("mean_f1", "precision", "recall", "f1", "b_cubed_f1", "area", "recall@1", "mrr")


def evaluate(  # noqa: PLR0913, PLR0917 - each option is one choice of the user's
    file: Annotated[Path, typer.Argument(metavar="FILE", help=FILE_HELP)],
    label: Annotated[str, typer.Option(metavar="FIELD", help=LABEL_HELP)],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for JSON, charts and the page.")
    ] = None,
    images: Annotated[Path | None, typer.Option(metavar="FOLDER", help=IMAGES_HELP)] = None,
    bundle: Annotated[str | None, typer.Option(help="Bundle to judge; by default the one of the settings.")] = None,
    tune: Annotated[bool, typer.Option("--tune", help="Choose thresholds on other products than judged.")] = False,  # noqa: FBT002 - typer's way to declare a flag
    ablation: Annotated[bool, typer.Option("--ablation", help="Leave out each part in turn; implies --tune.")] = False,  # noqa: FBT002 - likewise
    folds: Annotated[int, typer.Option(min=2, help="Parts that products are divided into by --tune.")] = 5,
) -> None:
    """Measure how right the matches among labelled listings are.

    What is found is compared with the products that the labels name: match lists, pairs, the products that result,
    and rankings. With -o a folder gets metrics.json, charts, and a page with the worst mistakes.
    """
    from streams.cli.labelled_files import read_labelled, telling_on  # noqa: PLC0415 - it brings torch
    from streams.evaluation import Options  # noqa: PLC0415 - it brings SciPy and matplotlib
    from streams.evaluation import evaluate as measured  # noqa: PLC0415 - likewise
    from streams.matching.bundled import rules_of  # noqa: PLC0415 - likewise

    look_at_folder(output)
    settings = load_settings(**({} if images is None else {"image_root": images.resolve()}))
    chosen = read_bundle(bundle or settings.bundle)
    options = Options(tune=tune, ablation=ablation, folds=folds, limit=settings.product_limit)
    with progress_bar() as progress:
        catalogue = read_labelled(file, label, settings, images, progress, bundle=chosen)
        evaluation = measured(catalogue, rules_of(chosen), options, telling_on(progress))
    say(evaluation)
    if output is None:
        out.print("Next: the same with -o DIR, for a page with the worst mistakes")
        return
    names = _write(output, evaluation, catalogue, _origin(file, chosen), settings)
    out.print(f"wrote {', '.join(names)} to {output}")
    out.print(f"Next: open {output / 'report.html'}")


def look_at_folder(output: Path | None) -> None:
    """Before the work, whether its result can be written.

    Raises:
        SettingsError: it can't.
    """
    try:
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        got = error.strerror or str(error)
        raise SettingsError(f"--output '{output}'", got=got, wanted="a folder", remedy="name another") from error


def say(evaluation: Evaluation) -> None:
    """Print the figures."""
    base = evaluation.rows[0]
    listings, alone = counted(evaluation.listings, "listing"), counted(evaluation.alone, "listing")
    out.print(f"{listings} of {counted(evaluation.products, 'product')}; {alone} alone, left out of recall@k and MRR")
    out.print(_where_thresholds_are_from(base, tuned=evaluation.tuned))
    out.print(_overall(base))
    if evaluation.categories:
        out.print(_categories(evaluation.categories))
    if len(evaluation.rows) > 1:
        out.print(_ablation(evaluation.rows))
        out.print(_differences(evaluation))
    false, missed = evaluation.mistakes.all_false, evaluation.mistakes.all_missed
    out.print(f"{counted(false, 'pair')} matched wrongly, {missed} missed")


def _where_thresholds_are_from(base: Row, *, tuned: bool) -> str:
    if not tuned:
        return f"thresholds of the bundle ({base.thresholds[0]:.4g}); --tune chooses them on other products"
    each = ", ".join(f"{one:.3f}" for one in base.thresholds)
    return f"thresholds chosen on other products, {len(base.parts)} times ({each}); mean and standard deviation"


def _overall(base: Row) -> object:
    from streams.evaluation import FIGURES  # noqa: PLC0415 - as above

    shown = table("figure", "")
    for name, words in FIGURES.items():
        spread = f" ± {base.spread(name):.3f}" if len(base.parts) > 1 else ""
        shown.add_row(words, f"{base.mean(name):.3f}{spread}")
    return shown


def _categories(categories: Mapping[str, Mapping[str, float]]) -> object:
    shown = table("\ncategory", "\nlistings", "mean F1\nof lists", "pair\nprecision", "pair\nrecall", "pair\nF1")
    for name, one in categories.items():
        figures = (f"{one[figure]:.3f}" for figure in ("mean_f1", "precision", "recall", "f1"))
        shown.add_row(printable(name) or "(none)", f"{one['listings']:.0f}", *figures)
    return shown


def _ablation(rows: Sequence[Row]) -> object:
    from streams.evaluation import FIGURES  # noqa: PLC0415 - as above

    shown = table("rules", *(FIGURES[name] for name in _SHOWN))
    for row in rows:
        shown.add_row(row.name, *(f"{row.mean(name):.3f}" for name in _SHOWN))
    return shown


def _differences(evaluation: Evaluation) -> object:
    shown = table("difference, with 95% interval", "mean F1 of lists", "pair F1", "recall at equal precision")
    for one in evaluation.differences:
        recall = f"{_between(one.recall)} at {one.precision:.3f}" if one.recall else ""
        figures = (_between(one.figures[name]) for name in ("mean_f1", "f1"))
        shown.add_row(f"{one.one}, less {one.other}", *figures, recall)
    return shown


def _between(interval: Interval) -> str:
    return f"{interval.estimate:+.3f} ({interval.low:+.3f} to {interval.high:+.3f})"


def _origin(file: Path, bundle: Bundle) -> dict[str, Any]:
    return {
        "file": file.name,
        "bundle": f"{bundle.name}@{bundle.digest[:12]}",
        "command": " ".join(["matchstream", *sys.argv[1:]]),
    }


def _write(
    output: Path, evaluation: Evaluation, catalogue: LabelledCatalogue, origin: Mapping[str, Any], settings: Settings
) -> list[str]:
    from streams.evaluation.charts import charts  # noqa: PLC0415 - as above
    from streams.evaluation.documents import to_json  # noqa: PLC0415 - likewise
    from streams.evaluation.page import images_needed, page  # noqa: PLC0415 - likewise

    files = {"metrics.json": orjson.dumps(to_json(evaluation, catalogue, origin), option=orjson.OPT_INDENT_2)}
    files |= {f"{name}.png": data for name, data in charts(evaluation).items()}
    photos = asyncio.run(_photos(images_needed(evaluation, catalogue), settings))
    files["report.html"] = page(evaluation, catalogue, photos, origin).encode("utf-8", "replace")
    for name, data in files.items():
        (output / name).write_bytes(data)
    return list(files)


async def _photos(references: Sequence[str], settings: Settings) -> dict[str, str]:
    from streams.evaluation.photos import thumbnails  # noqa: PLC0415 - as above

    async with ImageFetcher(settings) as images:
        return await thumbnails(references, images, settings.image_max_pixels)
