"""`matchstream explain A B`: why two listings are the same product, or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from encoders.bundle import read_bundle
from streams.cli.console import out, printable, table
from streams.errors import SettingsError
from streams.index.opening import open_existing_index
from streams.index.port import Point, View
from streams.matching import Rules
from streams.matching.bundled import rules_of
from streams.matching.explanation import Explanation, compared, explain
from streams.settings import Settings, load_settings
from streams.stages import state

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
    bundle = read_bundle(settings.bundle)
    rules = rules_of(bundle)
    points = asyncio.run(_read(settings, bundle.dimensions, (one, other)))
    found = _explained(points, rules)
    if as_json:
        out.print(orjson.dumps(_as_json(points, found, rules)).decode())
        return
    out.print(_sides(points))
    out.print()
    out.print(_numbers(points, found, rules))
    for line in _words(points, found, rules):
        out.print(printable(line))


async def _read(settings: Settings, dimensions: Any, listing_ids: Sequence[str]) -> list[Point]:
    index = await open_existing_index(settings, dimensions)
    try:
        points = await index.read(listing_ids, views=list(View))
    finally:
        await index.close()
    for listing_id in listing_ids:
        if listing_id not in points or not points[listing_id].blended:
            got = "not in the index" if listing_id not in points else "withdrawn, or not blended yet"
            raise SettingsError(
                f"listing '{listing_id}'",
                got=got,
                wanted=f"a listing of generation '{settings.generation}'",
                remedy="check the id, and with 'matchstream topics show' whether the stages are behind",
            )
    return [points[listing_id] for listing_id in listing_ids]


def _explained(points: Sequence[Point], rules: Rules) -> Explanation:
    own, other = (state.described(point, View.BLENDED) for point in points)
    verdict = state.verdicts_of(points[0].payload).get(points[1].listing_id)
    return explain(own, other, rules, verdict)


def _sides(points: Sequence[Point]) -> Table:
    rows = table("", *(printable(point.listing_id) for point in points))
    for name in _WORDS:
        values = [str((point.payload.get(state.LISTING) or {}).get(name) or "") for point in points]
        if any(values):
            rows.add_row(name, *map(printable, values))
    rows.add_row("blended with", *(printable(_neighbors(point)) for point in points))
    return rows


def _neighbors(point: Point) -> str:
    around = point.payload.get(state.NEIGHBORS) or []
    return ", ".join(f"{listing_id} {weight:.2f}" for listing_id, weight in around) or "nobody"


def _numbers(points: Sequence[Point], found: Explanation, rules: Rules) -> Table:
    raw = compared(points[0].raw, points[1].raw, rules.policy.for_blending)
    rows = table("similarity", "raw", "blended", "worth", "weight")
    for modality, value in found.blended.items():
        weight = rules.policy.weights.get(modality)
        before = f"{raw.single[modality][0, 0]:.4f}"
        shown = "" if weight is None else f"{weight:g}"
        rows.add_row(modality.value, before, f"{value:.4f}", f"{found.worth[modality]:.4f}", shown)
    rows.add_row("combined", f"{raw.combined[0, 0]:.4f}", f"{found.combined:.4f}", "", rules.policy.combination.value)
    return rows


def _words(points: Sequence[Point], found: Explanation, rules: Rules) -> list[str]:
    lines = [""]
    if found.contributions:
        some = list(found.contributions.items())[:_SHOWN_CONTRIBUTIONS]
        lines.append(f"probability {found.score:.4f}, because " + ", ".join(f"{name} {by:+.2f}" for name, by in some))
    if found.vetoes:
        lines.append("contradictions: " + "; ".join(veto.reason for veto in found.vetoes))
    lines.append(f"{found.outcome.name.lower()}: {found.reason}")
    stored = "is" if _listed(points[0], points[1].listing_id) else "is not"
    revision = points[0].payload.get(state.REVISION, 0)
    lines.append(f"'{points[1].listing_id}' {stored} in the list of '{points[0].listing_id}', revision {revision}")
    version = f", thresholds {rules.policy.version}" if rules.policy.version else ""
    lines.append(f"decided by bundle {rules.bundle}{version}")
    return lines


def _listed(point: Point, other: str) -> bool:
    found = state.matches_of(point.payload)
    return found is not None and other in {match.listing_id for match in found.matches}


def _as_json(points: Sequence[Point], found: Explanation, rules: Rules) -> dict[str, Any]:
    raw = compared(points[0].raw, points[1].raw, rules.policy.for_blending)
    return {
        "listing_ids": [point.listing_id for point in points],
        "listings": [point.payload.get(state.LISTING) for point in points],
        "neighbors": [point.payload.get(state.NEIGHBORS, []) for point in points],
        "raw": {modality.value: float(raw.single[modality][0, 0]) for modality in found.blended},
        "blended": {modality.value: value for modality, value in found.blended.items()},
        "worth": {modality.value: value for modality, value in found.worth.items()},
        "combined": found.combined,
        "score": found.score,
        "contributions": dict(found.contributions),
        "vetoes": [{"kind": veto.kind, "reason": veto.reason} for veto in found.vetoes],
        "thresholds": found.thresholds.model_dump(),
        "outcome": found.outcome.name.lower(),
        "reason": found.reason,
        "in_list": _listed(points[0], points[1].listing_id),
        "bundle": rules.bundle,
        "version": rules.policy.version,
    }
