"""`matchstream explain A B`: why two listings are the same product, or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated

import orjson
import typer
from rich.table import Table

from encoders.bundle import read_bundle
from streams.cli.console import out, printable, table
from streams.index.opening import open_reader
from streams.matching.bundled import rules_of
from streams.settings import Settings, load_settings
from streams.stages.explaining import Explained, explained

_SHOWN_CONTRIBUTIONS = 8
_WORDS = ("title", "brand", "category", "gtin")


def explain_pair(
    one: Annotated[str, typer.Argument(metavar="A", help="A listing's id.")],
    other: Annotated[str, typer.Argument(metavar="B", help="Another's.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print it as one line of JSON.")] = False,  # noqa: FBT002 - typer's way to declare a flag
) -> None:
    """Show what the decision on two listings rests on, matched or not: read from the index, decided anew.

    Similarities per modality, before and after blending; whom each was blended with; contradicting
    variants; the pair scorer's reasons; the rule and the threshold that decided.
    """
    settings = load_settings()
    found = asyncio.run(_read(settings, (one, other)))
    if as_json:
        out.print(orjson.dumps(found.to_json()).decode())
        return
    out.print(_sides(found))
    out.print()
    out.print(_numbers(found))
    for line in _words(found):
        out.print(printable(line))


async def _read(settings: Settings, listing_ids: Sequence[str]) -> Explained:
    bundle = read_bundle(settings.bundle)
    rules = rules_of(bundle)
    index = await open_reader(settings, bundle.dimensions, folder_too=True)
    try:
        return await explained(index, listing_ids, rules, settings.generation)
    finally:
        await index.close()


def _sides(found: Explained) -> Table:
    rows = table("", *map(printable, found.listing_ids))
    for name in _WORDS:
        values = [str(listing.get(name) or "") for listing in found.listings]
        if any(values):
            rows.add_row(name, *map(printable, values))
    captions = [one.caption or "" for one in found.generated]
    if any(captions):
        rows.add_row("photo, says a model", *map(printable, captions))
    for pair in found.tags:
        shown = [f"{tag.word} {tag.probability:.2f}" if tag else "" for tag in (pair.one, pair.other)]
        rows.add_row(f"{pair.list} on the photo", *map(printable, shown))
    rows.add_row("blended with", *(printable(_neighbors(some)) for some in found.neighbors))
    return rows


def _neighbors(around: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{listing_id} {weight:.2f}" for listing_id, weight in around) or "nobody"


def _numbers(explained: Explained) -> Table:
    found, policy = explained.found, explained.rules.policy
    rows = table("similarity", "raw", "blended", "worth", "weight")
    for modality, value in found.blended.items():
        weight = policy.weights.get(modality)
        before, shown = f"{explained.raw[modality]:.4f}", "" if weight is None else f"{weight:g}"
        rows.add_row(modality.value, before, f"{value:.4f}", f"{found.worth[modality]:.4f}", shown)
    rows.add_row("combined", f"{explained.raw_combined:.4f}", f"{found.combined:.4f}", "", policy.combination.value)
    return rows


def _words(explained: Explained) -> list[str]:
    found, policy = explained.found, explained.rules.policy
    lines = [""]
    if found.contributions:
        some = list(found.contributions.items())[:_SHOWN_CONTRIBUTIONS]
        lines.append(f"probability {found.score:.4f}, because " + ", ".join(f"{name} {by:+.2f}" for name, by in some))
    if found.vetoes:
        lines.append("contradictions: " + "; ".join(veto.reason for veto in found.vetoes))
    lines += _seen(explained)
    lines.append(f"{found.outcome.name.lower()}: {found.reason}")
    own, other = explained.listing_ids
    stored = "is" if explained.in_list else "is not"
    lines.append(f"'{other}' {stored} in the list of '{own}', revision {explained.revision}")
    version = f", thresholds {policy.version}" if policy.version else ""
    lines.append(f"decided by bundle {explained.rules.bundle}{version}")
    return lines


def _seen(explained: Explained) -> list[str]:
    """In what the photos of the two agree, as a model sees them."""
    same = ", ".join(pair.list for pair in explained.tags if pair.agree)
    other = ", ".join(pair.list for pair in explained.tags if pair.agree is False)
    parts = [f"agree in {same}" if same else "", f"differ in {other}" if other else ""]
    return ["photos, as a model sees them: " + "; ".join(filter(None, parts))] if same or other else []
