"""The labelled pairs: rules fitted to `train`, scored once on `valid`, beside the published figures.

    python tests/benchmarks/labelled_pairs.py [abt-buy] [amazon-google] [walmart-amazon] [-o FILE] [--train FOLDER]

The published figures are of the sets' test files, which are not here: `valid` is a sample of the same kind, drawn
with them, and nothing is chosen on it. Needs the folder `pairs` of the data that MATCHSTREAM_DATA names.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # run as a file, a command knows its own folder only

import orjson
from benchmarks.labelled.table import Measured, SetMeasured, measure_set, measure_trained
from real_data import data_folder
from rich.console import Console
from rich.table import Table

from encoders.metrics import Interval

PUBLISHED_ON_TEST = {
    "abt-buy": {"TF-IDF": 0.597, "DeepMatcher": 0.628, "Ditto": 0.893},
    "amazon-google": {"TF-IDF": 0.565, "DeepMatcher": 0.693, "Ditto": 0.756},
    "walmart-amazon": {"TF-IDF": 0.605, "DeepMatcher": 0.676, "Ditto": 0.868},
}
"""F1 on the test files: DeepMatcher and Ditto as in Li et al., 'Deep Entity Matching with Pre-Trained Language
Models', arXiv 2004.00584; TF-IDF with a threshold chosen on train, our own."""

console = Console(stderr=True)
_WIDTH = 120


def shown(name: str, measured: SetMeasured) -> Table:
    """The rows of one set."""
    train, valid = measured.train, measured.valid
    title = f"{name}: fitted to {len(train):,} pairs, scored on the {len(valid):,} of valid"
    table = Table("", "precision", "recall", "F1 [95%]", "gain [95%]", "F1 in train's folds", title=title)
    for row in measured.rows:
        table.add_row(*_cells(row), end_section=row is measured.rows[-1])
    for who, f1 in PUBLISHED_ON_TEST[name].items():
        table.add_row(f"{who}, on test", "", "", f"{f1:.3f}", "", "")
    return table


def _cells(one: Measured) -> list[str]:
    figures, indent = one.figures, "  " if one.row.name.startswith("with") else ""
    gain = "" if figures.gain is None else _interval(figures.gain, sign="+")
    shares = [f"{figures.precision:.3f}", f"{figures.recall:.3f}", _interval(figures.f1)]
    return [indent + one.row.name, *shares, gain, f"{one.fitted.f1:.3f}"]


def _interval(one: Interval, sign: str = "") -> str:
    return f"{one.estimate:{sign}.3f} [{one.low:{sign}.3f}, {one.high:{sign}.3f}]"


def arguments() -> argparse.Namespace:
    """Which sets, and where the results go."""
    parser = argparse.ArgumentParser(description="Labelled pairs: fitted to train, scored once on valid.")
    parser.add_argument("sets", nargs="*", help=f"of {', '.join(PUBLISHED_ON_TEST)}; all of them without any")
    parser.add_argument("-o", "--output", type=Path, help="file for all results as JSON")
    parser.add_argument(
        "--train", type=Path, metavar="FOLDER", help="train text encoders on the pairs, and keep them there"
    )
    asked = parser.parse_args()
    if unknown := [name for name in asked.sets if name not in PUBLISHED_ON_TEST]:
        parser.error(f"no set '{unknown[0]}'; there are {', '.join(PUBLISHED_ON_TEST)}")
    return asked


def _measured(name: str, folder: Path, trained: Path | None) -> SetMeasured:
    def tell(what: str) -> None:
        console.print(f"{name}: {what}")

    if trained is None:
        return measure_set(folder / "pairs" / name, tell)
    kept = trained / name
    kept.mkdir(parents=True, exist_ok=True)
    return measure_trained(folder / "pairs" / name, kept, tell)


def main() -> None:
    """Print a table a set, and write all results."""
    asked = arguments()
    folder = data_folder()
    if folder is None:
        sys.exit("labelled pairs: no data found; set MATCHSTREAM_DATA to its folder")
    names = asked.sets or list(PUBLISHED_ON_TEST)
    if missing := [str(folder / "pairs" / name) for name in names if not (folder / "pairs" / name).is_dir()]:
        sys.exit(f"labelled pairs: no folder '{missing[0]}'; set MATCHSTREAM_DATA to the folder that holds 'pairs'")
    results = {}
    for name in names:
        start = time.perf_counter()
        measured = _measured(name, folder, asked.train)
        Console(width=None if sys.stdout.isatty() else _WIDTH).print(shown(name, measured))
        console.print(f"{name}: {time.perf_counter() - start:.0f} s")
        results[name] = {**measured.to_json(), "published_f1_on_test": PUBLISHED_ON_TEST[name]}
    if asked.output:
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        asked.output.write_bytes(orjson.dumps(results, option=options))
        print(f"wrote {asked.output}")


if __name__ == "__main__":
    main()
