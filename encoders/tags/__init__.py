"""What a photo shows, as words out of lists."""

from encoders.tags.calibrating import Cut, Examples, choose_cut
from encoders.tags.ranking import Dual, Ranking
from encoders.tags.reading import TagList, lists_in, read_list, shipped_lists
from encoders.tags.stated import stated_words
from encoders.tags.tagger import Tagger

__all__ = [
    "Cut",
    "Dual",
    "Examples",
    "Ranking",
    "TagList",
    "Tagger",
    "choose_cut",
    "lists_in",
    "read_list",
    "shipped_lists",
    "stated_words",
]
