"""What `matchstream reindex diff` prints."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from rich.table import Table

from encoders.metrics.lists import Rates
from streams.cli.console import counted, out, printable, table, warn
from streams.reindex.difference import Difference
from streams.reindex.difference.judged import figures_of, interval
from streams.reindex.difference.pairs import Pair
from streams.reindex.difference.products import Regrouped
from streams.reindex.difference.seen import Place, Seen

_CATEGORIES: Final = 10
_EXAMPLES: Final = 5
_PARTS: Final = 3
_LONGEST: Final = 60
_PLACES: Final = {
    Place.MATCH: "matched",
    Place.REVIEW: "to be reviewed",
    Place.OVERRULED: "judged different",
    Place.NOWHERE: "not listed",
}


def warn_of(difference: Difference) -> None:
    """Say what makes the comparison less than it could be."""
    if difference.lag:
        behind = ", ".join(f"{stage} {lag}" for stage, lag in difference.lag.items())
        warn(f"generation '{difference.name}' is behind ({behind}): what it has not done yet counts as lost")
    if difference.told_by_others:
        lists = counted(difference.told_by_others, "list")
        warn(f"{lists} of '{difference.live}' last told by another generation: the numbers there are that one's")


def say(difference: Difference) -> None:
    """Print the figures, and the worst examples."""
    _print(_summary(difference))
    if len(difference.categories) > 1 or "" not in difference.categories:
        _print(_categories(difference))
    if difference.judged:
        _print(_judged(difference))
    if difference.labelled is not None:
        _print(_labelled(difference, difference.labelled))
    for line in _examples(difference):
        out.print(printable(line))


def following(difference: Difference, output: Path | None) -> str:
    """What to do next."""
    promote = f"matchstream reindex promote {difference.name}"
    if difference.lag:
        return f"Next: wait until it is through ('matchstream reindex status {difference.name}'), then compare again"
    if not difference.lists.changed:
        return f"Next: {promote}; no list would change"
    if output is None:
        return f"Next: the same with -o report.html, to see them with photos; or {promote}"
    return f"Next: open {shlex.quote(str(output))}, then {promote}"


def _print(shown: Table) -> None:
    if shown.row_count:
        out.print(shown)
        out.print()


def _summary(difference: Difference) -> Table:
    lists, products = difference.lists, difference.products
    shown = table("", f"{difference.live} (live)", difference.name)
    shown.add_row("listings with a list", *map(_number, lists.listings))
    shown.add_row("pairs", _number(lists.before), _number(lists.after))
    shown.add_row("  in both", *[_number(lists.kept)] * 2)
    shown.add_row("  only there", f"{_number(len(lists.lost))} lost", f"{_number(len(lists.gained))} gained")
    shown.add_row("share of pairs that would change", "", f"{lists.share:.2%}")
    shown.add_row("listings that gain or lose somebody", "", _number(len(lists.concerned)))
    shown.add_row("products merged", "", _number(len(products.merged)))
    shown.add_row("products split", "", _number(len(products.split)))
    return shown


def _categories(difference: Difference) -> Table:
    shown = table("category of both listings", f"{difference.live}", difference.name, "gained", "lost", "share")
    for name, one in islice(difference.categories.items(), _CATEGORIES):
        numbers = map(_number, (one.before, one.after, one.gained, one.lost))
        shown.add_row(printable(name) or "(none, or two)", *numbers, f"{one.share:.2%}")
    more = len(difference.categories) - _CATEGORIES
    if more > 0:
        shown.add_row(f"and {more} more")
    return shown


def _judged(difference: Difference) -> Table:
    figures = figures_of(difference.judged)
    pairs = f"{counted(figures.same, 'pair')} judged same, {figures.different} different"
    shown = table(f"models alone beside judgements ({pairs})", difference.live, difference.name)
    both = figures.before, figures.after
    shown.add_row("precision, with 95% interval", *(_share(one.right, one.found) for one in both))
    shown.add_row("recall, with 95% interval", *(_share(one.right, one.true) for one in both))
    mended = sum(1 for one in difference.disagreed if one.mended)
    shown.add_row("right where the other is wrong", _number(len(difference.disagreed) - mended), _number(mended))
    return shown


def _share(right: int, total: int) -> str:
    found = interval(right, total)
    if found is None:
        return "-"
    return f"{found.share:.3f} ({found.low:.3f} to {found.high:.3f}; {right} of {total})"


def _labelled(difference: Difference, both: tuple[Rates, Rates]) -> Table:
    shown = table(f"beside labels ({counted(both[0].true, 'pair')} of one product)", difference.live, difference.name)
    for name in ("precision", "recall", "f1"):
        shown.add_row(f"pair {name}".replace("f1", "F1"), *(f"{getattr(one, name):.3f}" for one in both))
    return shown


def _examples(difference: Difference) -> Iterator[str]:
    yield from _pairs(difference, f"Gained, what '{difference.name}' is the least sure of first:", difference.gained)
    yield from _pairs(difference, f"Lost, what '{difference.live}' is the surest of first:", difference.lost)
    yield from _products(difference, "Merged, the largest first:", difference.products.merged)
    yield from _products(difference, "Split, the largest first:", difference.products.split)


def _pairs(difference: Difference, heading: str, pairs: list[Pair]) -> Iterator[str]:
    if pairs:
        yield heading
    for pair in pairs[:_EXAMPLES]:
        before, after = difference.seen[pair]
        yield f"  {' + '.join(_named(one, difference) for one in pair)}"
        yield f"    {difference.live}: {_seen(before)}; {difference.name}: {_seen(after)}"
    yield from _more(len(pairs))


def _products(difference: Difference, heading: str, some: tuple[Regrouped, ...]) -> Iterator[str]:
    if some:
        yield heading
    for one in some[:_EXAMPLES]:
        parts = " + ".join([*(str(len(part)) for part in one.parts[:_PARTS]), *["..."] * (len(one.parts) > _PARTS)])
        firsts = " | ".join(_named(part[0], difference) for part in one.parts[:_PARTS])
        yield f"  {counted(len(one.members), 'listing')} ({parts}): {firsts}"
    yield from _more(len(some))


def _more(number: int) -> Iterator[str]:
    if number > _EXAMPLES:
        yield f"  and {number - _EXAMPLES} more"
    if number:
        yield ""


def _named(listing_id: str, difference: Difference) -> str:
    title = difference.listing(listing_id).title
    short = title if len(title) <= _LONGEST else f"{title[: _LONGEST - 1]}…"
    return f"{listing_id} '{short}'" if title else listing_id


def _seen(seen: Seen) -> str:
    if seen.match is None:
        return _PLACES[seen.place]
    return f"{_PLACES[seen.place]}, {seen.score:.3f} ({seen.match.evidence.get('rule', '')})"


def _number(number: int) -> str:
    return f"{number:,}"
