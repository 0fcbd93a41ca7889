"""The figures of review, as `matchstream review figures` prints them."""

from __future__ import annotations

from typing import Final

from streams.cli.console import out, printable, table
from streams.web.review.figures import Agreement, Figures, Group
from streams.web.review.precision import Estimate, Precision, Share

_PRECISION: Final = (
    "\nmatches of",
    "\nmatches",
    "\naudited",
    "precision\nbefore",
    "precision\nafter",
    "\nat least",
    "missing\nlabels",
    "in the\nqueue",
)
_JUDGED: Final = (
    "\njudged pairs of",
    "\nsame",
    "\ndifferent",
    "\nunsure",
    "right of what\nthe model matches",
    "found by it\nof the same",
)


def say(figures: Figures) -> None:
    """Print all of it, and what to do next."""
    _say_precision(figures)
    _say_judged(figures)
    _say_agreement(figures)
    _say_people(figures)
    out.print(_next(figures))


def _say_precision(figures: Figures) -> None:
    shown = table(*_PRECISION)
    for group in _groups(figures):
        one = group.precision
        audited = one.before.total if one.before else 0
        before, after = _between(one.before), _between(one.after)
        counts = _missing(one), str(group.waiting)
        shown.add_row(_name(group, figures), str(one.told), str(audited), before, after, f"{one.at_least:.4f}", *counts)
    out.print(shown)


def _say_judged(figures: Figures) -> None:
    shown = table(*_JUDGED)
    for group in _groups(figures):
        one = group.judged
        counts = str(one.same), str(one.different), str(one.unsure)
        shown.add_row(_name(group, figures), *counts, _counted(one.right), _counted(one.found))
    out.print()
    out.print(shown)


def _say_agreement(figures: Figures) -> None:
    shown = table("agreement between", "pairs", "the same", "kappa")
    shown.add_row("all people", *_agreement(figures.between_people))
    for two in figures.twos:
        shown.add_row(printable(f"{two.one} and {two.other}"), *_agreement(two.agreement))
    shown.add_row("verdicts and the model", *_agreement(figures.with_model))
    out.print()
    out.print(shown)


def _say_people(figures: Figures) -> None:
    shown = table("verdicts by", "same", "different", "unsure", "as it was decided")
    for one in figures.people:
        counts = str(one.same), str(one.different), str(one.unsure)
        shown.add_row(printable(one.name) or "nobody named", *counts, _counted(one.decided))
    if figures.people:
        out.print()
        out.print(shown)


def _next(figures: Figures) -> str:
    one = figures.everything.precision
    if one.missing == 0:
        return f"A precision of {one.target:g} is shown: at least {one.at_least:.4f}."
    if one.missing is None:
        return (
            f"A precision of {one.target:g} can't be shown at this rate, however many pairs are audited."
            " Next: matchstream calibrate LISTINGS.jsonl --judgements topic"
        )
    return (
        f"A precision of {one.target:g} is not shown yet: about {one.missing} more audited pairs like these would do."
        " Next: the page's /review?queue=audit"
    )


def _groups(figures: Figures) -> list[Group]:
    return [figures.everything, *figures.categories]


def _name(group: Group, figures: Figures) -> str:
    return "all" if group is figures.everything else printable(group.category) or "no category"


def _missing(one: Precision) -> str:
    if one.missing is None:
        return "not at this rate"
    if one.left and one.missing > one.left:
        return f"all {one.left} left"
    return str(one.missing) if one.missing else "none"


def _between(share: Share | Estimate | None) -> str:
    return "not known" if share is None else f"{share.share:.3f} ({share.low:.3f} to {share.high:.3f})"


def _counted(share: Share | None) -> str:
    return "none" if share is None else f"{_between(share)[:-1]}; {share.right} of {share.total})"


def _agreement(one: Agreement) -> tuple[str, str, str]:
    return str(one.pairs), _counted(one.share), "not known" if one.kappa is None else f"{one.kappa:.2f}"
