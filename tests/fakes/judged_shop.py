"""A small shop whose pairs people judged: few enough for figures by hand."""

from fakes.web import listing

from streams.events import Judgement, Match, Verdict
from streams.events.votes import Vote
from streams.matching.auditing import lot
from streams.web.store import Kind

SURE = {"text": 0.95, "rule": "combined>=0.90"}
DOUBTFUL = {"text": 0.85, "rule": "0.80<=combined<0.90"}


def match(other, evidence=SURE, similarity=0.95, **more):
    return Match(other, similarity, {**evidence, **more})


def judges(shop, one, other, verdict, by="ann"):
    said = Judgement.on(one, other, Verdict(verdict), by=by, at="2026-01-02T00:00:00Z")
    shop.hears(Kind.JUDGEMENTS, shop.record(Kind.JUDGEMENTS, said.key.decode(), said.to_bytes()))


def votes(shop, one, other, verdict, by):
    said = Vote.on(one, other, Verdict(verdict), by=by, at="2026-01-02T00:00:00Z")
    shop.hears(Kind.VOTES, shop.record(Kind.VOTES, said.key.decode(), said.to_bytes()))


def judge_some(shop):
    """Six matches of lamps, five of them audited and one of these wrong; pairs of mugs for review, one judged."""
    pairs = sorted(((f"l{n}", f"m{n}") for n in range(6)), key=lambda pair: lot(*pair))
    wrong = pairs[2]
    for one, other in pairs:
        shop.lists(listing(one), listing(other, category="LAMPS"))
        overruled = (one, other) == wrong
        found = match(other, rule="judged different", unjudged="match") if overruled else match(other)
        shop.tells_matches(one, *(() if overruled else (found,)), overruled=(found,) if overruled else ())
    for pair in pairs[:5]:
        judges(shop, *pair, "different" if pair == wrong else "same")
    for one in ("p", "q", "r", "s"):
        shop.lists(listing(one, category="Mugs"))
    judges(shop, "p", "q", "same", by="ben")
    shop.tells_matches("p", match("q", DOUBTFUL, 0.85, rule="judged same", unjudged="review"))
    shop.tells_matches("r", review=(match("s", DOUBTFUL, 0.85),))
    shop.tells_matches("s", review=(match("r", DOUBTFUL, 0.85), match("p", DOUBTFUL, 0.82)))
    for by, verdict in (("ann", "same"), ("eva", "different")):
        votes(shop, *pairs[0], verdict, by)
