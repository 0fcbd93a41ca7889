"""The stages: plain async functions over a batch of messages and what they depend on.

They know neither Faust nor Qdrant, and never swallow an error: a batch finishes or raises, and only
a batch that finished is acknowledged.
"""

from streams.stages.blend import blend
from streams.stages.dependencies import Audience, Channel, Dependencies, ImageSource, Letter, Outbox
from streams.stages.embed import embed
from streams.stages.group import group
from streams.stages.index import index
from streams.stages.judge import judge
from streams.stages.match import match

__all__ = [
    "Audience",
    "Channel",
    "Dependencies",
    "ImageSource",
    "Letter",
    "Outbox",
    "blend",
    "embed",
    "group",
    "index",
    "judge",
    "match",
]
