"""The figures that review by people is run by: how right matches are, how far people agree, what is left to do."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, Field

from streams.events import Verdict
from streams.matching.auditing import Pair, lot
from streams.web.review.agreement import Said, cohen_kappa, in_twos, together
from streams.web.review.known import JudgedPair, Known
from streams.web.review.precision import Matches, Precision, Share, precision_of, share_of


class JudgedFigures(BaseModel):
    """Judged pairs of listings that are there. They are no sample of all: people judge what is doubtful."""

    same: int
    different: int
    unsure: int
    right: Share | None = Field(description="Of judged pairs that the model alone matches, those judged same")
    found: Share | None = Field(description="Of pairs judged same, those that the model alone matches")


class Group(BaseModel):
    """The pairs of one category, or all."""

    category: str = Field(description="Folded; empty for pairs without one")
    precision: Precision
    judged: JudgedFigures
    waiting: int = Field(description="Pairs in the queue of review")


class Agreement(BaseModel):
    """Who says the same."""

    pairs: int = Field(description="Pairs that were looked at twice")
    share: Share | None = Field(description="Of what can be compared on them, what is equal")
    kappa: float | None = Field(description="Agreement beyond chance, 1 at most; null where that can't be told")


class TwoPeople(BaseModel):
    """Two people on the pairs that both voted on."""

    one: str
    other: str
    agreement: Agreement


class Person(BaseModel):
    """What one person said."""

    name: str
    same: int
    different: int
    unsure: int
    decided: Share | None = Field(description="Of the votes on pairs with a verdict, those that say the same")


class Figures(BaseModel):
    """All of it."""

    everything: Group
    categories: list[Group]
    people: list[Person]
    between_people: Agreement = Field(description="Pairs with several votes; the kappa is Fleiss'")
    twos: list[TwoPeople] = Field(description="Each two people; the kappa is Cohen's")
    with_model: Agreement = Field(description="Verdicts beside the model alone; the kappa is Cohen's")


def group_of_all(known: Known, target: float) -> Group:
    """The figures of all pairs together; `target` is the precision that the model is to have."""
    return _group("", known, target)


def figures_of(known: Known, target: float) -> Figures:
    """Every figure; `target` is the precision that the model is to have."""
    names = {one.category for one in known.judged} | {*known.matches} | {*known.waiting}
    votes = together(known.votes)
    return Figures(
        everything=group_of_all(known, target),
        categories=[_group(name, _within(name, known), target) for name in sorted(names)] if len(names) > 1 else [],
        people=_people(known),
        between_people=Agreement(pairs=votes.pairs, share=share_of(votes.agreed, votes.compared), kappa=votes.kappa),
        twos=[
            TwoPeople(
                one=two.one,
                other=two.other,
                agreement=Agreement(pairs=two.pairs, share=share_of(two.agreed, two.pairs), kappa=two.kappa),
            )
            for two in in_twos(known.votes)
        ],
        with_model=_with_model(known.judged),
    )


def _within(category: str, known: Known) -> Known:
    return Known(
        [one for one in known.judged if one.category == category],
        (),
        [one for one in known.unjudged if one.category == category],
        Counter({category: known.matches[category]}),
        Counter({category: known.waiting[category]}),
    )


def _group(category: str, known: Known, target: float) -> Group:
    precision = precision_of(_matches(known), target)
    return Group(category=category, precision=precision, judged=_judged(known.judged), waiting=known.waiting.total())


def _matches(known: Known) -> Matches:
    alone = [one for one in known.judged if one.alone]
    places = [(lot(*one.pair), one.pair) for one in alone] + [(one.lot, one.pair) for one in known.unjudged]
    by_verdict = {verdict: {one.pair for one in alone if one.verdict is verdict} for verdict in Verdict}
    unjudged = known.matches.total()
    return Matches(
        ordered=[pair for _, pair in sorted(places)],
        same=by_verdict[Verdict.SAME],
        different=by_verdict[Verdict.DIFFERENT],
        unsure=by_verdict[Verdict.UNSURE],
        alone=len(alone) + unjudged,
        wrong=len(by_verdict[Verdict.DIFFERENT]),
        unseen=unjudged + len(by_verdict[Verdict.UNSURE]),
        told=sum(one.told for one in known.judged) + unjudged,
    )


def _judged(judged: Iterable[JudgedPair]) -> JudgedFigures:
    present = [one for one in judged if one.present]
    said = Counter((one.verdict, one.alone) for one in present)
    right, wrong = said[Verdict.SAME, True], said[Verdict.DIFFERENT, True]
    missed = said[Verdict.SAME, False]
    return JudgedFigures(
        same=right + missed,
        different=wrong + said[Verdict.DIFFERENT, False],
        unsure=sum(one.verdict is Verdict.UNSURE for one in present),
        right=share_of(right, right + wrong),
        found=share_of(right, right + missed),
    )


def _with_model(judged: Iterable[JudgedPair]) -> Agreement:
    both = [
        (one.verdict is Verdict.SAME, one.alone) for one in judged if one.present and one.verdict is not Verdict.UNSURE
    ]
    agreed = sum(said == alone for said, alone in both)
    return Agreement(pairs=len(both), share=share_of(agreed, len(both)), kappa=cohen_kappa(both))


def _people(known: Known) -> list[Person]:
    """By votes; a verdict that nobody voted for, as of 'matchstream judge', is the vote of whoever gave it."""
    verdicts = {one.pair: one.verdict for one in known.judged}
    voted = {vote.pair for vote in known.votes}
    given = [Said(one.pair, one.by, one.verdict) for one in known.judged if one.pair not in voted]
    by_person: defaultdict[str, list[Said]] = defaultdict(list)
    for vote in (*known.votes, *given):
        by_person[vote.by].append(vote)
    return [_person(name, by_person[name], verdicts) for name in sorted(by_person)]


def _person(name: str, votes: Sequence[Said], verdicts: dict[Pair, Verdict]) -> Person:
    said = Counter(vote.verdict for vote in votes)
    decided = [vote.verdict == verdicts[vote.pair] for vote in votes if vote.pair in verdicts]
    return Person(
        name=name,
        same=said[Verdict.SAME],
        different=said[Verdict.DIFFERENT],
        unsure=said[Verdict.UNSURE],
        decided=share_of(sum(decided), len(decided)),
    )
