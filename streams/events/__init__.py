"""What travels on the topics: reading it, writing it, and which version of a listing counts."""

from streams.events.embeddings import EmbeddingEvent, Seals
from streams.events.judgements import Judgement, Verdict
from streams.events.listing_model import Listing
from streams.events.listings import ListingEvent, read_listing_event
from streams.events.marks import Mark
from streams.events.matches import Match, MatchEvent, MatchList
from streams.events.records import Message
from streams.events.versions import Position, Standing, Version

__all__ = [
    "EmbeddingEvent",
    "Judgement",
    "Listing",
    "ListingEvent",
    "Mark",
    "Match",
    "MatchEvent",
    "MatchList",
    "Message",
    "Position",
    "Seals",
    "Standing",
    "Verdict",
    "Version",
    "read_listing_event",
]
