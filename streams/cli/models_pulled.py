"""What `matchstream models pull` does and prints."""

from __future__ import annotations

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from encoders.errors import PullError
from encoders.models import Kind, pulled_models
from encoders.models.backbones import is_backbone, published
from encoders.models.hub import Hub
from encoders.models.pulling import Outcome, Report, pull, pull_backbone
from encoders.models.store import Record
from streams.cli.console import err, out, printable
from streams.cli.models_shown import in_bytes

_OPTIONS = {
    Kind.TEXT: "--text-model {name}",
    Kind.DUAL: "--joint-model {name}",
    Kind.CAPTIONS: "--caption-model {name}",
    Kind.IMAGE: "--image-backbone {name} --image-weights published",
}


def pulled(name: str, revision: str | None) -> Outcome:
    """Fetch a model under a progress bar.

    Raises:
        PullError: it can't be had, or is none that can be used.
    """
    with _bar() as bar:
        task = bar.add_task(printable(name), total=None)
        return _pulled(name, revision, lambda here, total: bar.update(task, completed=here, total=total or None))


def _pulled(name: str, revision: str | None, report: Report) -> Outcome:
    if "/" in name or not is_backbone(name):
        return pull(name, revision, pulled_models(), Hub(), report)
    if revision:
        raise PullError(name, f"revision '{revision}'", "none, since torchvision publishes one", "leave --revision out")
    return pull_backbone(published(name), pulled_models(), report)


def say(outcome: Outcome) -> None:
    """Tell what was pulled, whose terms it is under, and what to do with it."""
    record = outcome.pulled.record
    did = "Pulled" if outcome.fetched else "It is here already, and whole:"
    out.print(f"{did} {record.name} at {record.short} ({record.kind}, {in_bytes(record.size)}).")
    out.print(f"  in {outcome.pulled.folder}")
    out.print(f"  licence: {_licence(record)}")
    options = _OPTIONS[record.kind].format(name=record.name)
    out.print(f"Next: matchstream fit LISTINGS.jsonl {options} -o bundles/ours")


def _licence(record: Record) -> str:
    if record.licence:
        return printable(record.licence)
    if record.kind is Kind.IMAGE:
        return "none stated for the weights; torchvision itself is under BSD-3-Clause"
    return "none stated; ask its owner before you rely on it"


def _bar() -> Progress:
    """In bytes, with how fast and how long still; nothing of it stays on the screen."""
    words = TextColumn("{task.description}")
    columns = (words, BarColumn(bar_width=20), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=err, transient=True)
