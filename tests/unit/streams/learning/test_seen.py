import numpy as np
import pytest
from fakes.seeing_bundle import SEEING, TAG_LISTS, seeing_bundle
from fakes.trainable import events_of, picture

from encoders.tags import Cut
from encoders.tags.ranking import Best
from encoders.types import Modality
from streams.learning.seeing import Asked, look
from streams.learning.seen import Seen, Worth, measure_cuts, measure_worth
from streams.learning.telling import Telling
from streams.settings import load_settings


def unit(degrees):
    return np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))], np.float32)


def rows(image, text):
    return {Modality.JOINT_IMAGE: unit(image), Modality.JOINT_TEXT: unit(text)}


def test_worth_is_the_median_cosine_of_own_titles_above_what_nearly_all_others_stay_below():
    found = measure_worth([rows(0, 60), rows(90, 150), rows(30, 90)], ["a", "b", "c"])
    others = [np.cos(np.radians(angle)) for angle in (150, 90, 30, 0, 120, 30)]
    assert found == Worth(3, pytest.approx(np.quantile(others, 0.95), abs=1e-4), 0.5)


def test_equal_titles_are_no_others_and_listings_without_a_row_do_not_count():
    found = measure_worth([rows(0, 0), rows(0, 0), rows(90, 90), {Modality.JOINT_TEXT: unit(0)}], ["a", "a", "b", "c"])
    assert found == Worth(3, 0.0, 1.0)
    assert measure_worth([rows(0, 0)] * 3, ["a"] * 3) == Worth()
    assert measure_worth([], []) == Worth()


@pytest.mark.parametrize(
    ("worth", "bounds", "enough"),
    [
        (Worth(20, 0.2, 0.3), (0.2, 0.3), True),
        (Worth(20, 0.4, 0.3), (0.4, 1.0), True),
        (Worth(19, 0.2, 0.3), (0.2, 0.3), False),
        (Worth(99, 1.0, 1.0), (1.0, 1.0), False),
    ],
    ids=["told apart", "not told apart", "few pairs", "all alike"],
)
def test_photos_count_little_for_words_where_a_model_does_not_tell_titles_apart(worth, bounds, enough):
    assert (worth.bounds, worth.enough) == (bounds, enough)


class Agreeing:
    """A ranking that sees what the row says: the first number is the word, the second how likely it is."""

    def best(self, photos):
        names = ["red", "blue"]
        return {"colour": Best([names[int(row[0])] for row in photos], np.array([row[1] for row in photos]))}


def test_cuts_are_chosen_by_photos_of_which_the_list_is_stated():
    photos = {f"l{i}": np.array([i % 2, 0.9 if i % 2 else 0.4]) for i in range(400)}
    stated = {one: {"colour": "blue"} if i % 8 < 7 else {"use": "work"} for i, one in enumerate(photos)}
    cuts = measure_cuts(Agreeing(), photos, stated, {one: one for one in photos}, 0.9)
    assert cuts["colour"].examples == 350
    assert 0.4 < cuts["colour"].value <= 0.9
    assert cuts["colour"].precision == 1.0
    alike = measure_cuts(Agreeing(), photos, stated, dict.fromkeys(photos, "one thing"), 0.9)
    assert not alike["colour"].calibrated
    assert measure_cuts(None, {}, {}, {}, 0.9) == {}


@pytest.fixture(scope="module")
def seeing(tmp_path_factory):
    return seeing_bundle(tmp_path_factory.mktemp("bundles") / "seeing")


def test_what_was_found_is_put_into_the_bundle_and_what_was_not_stays(seeing):
    cuts = {"colour": Cut(0.63, 99, True, 0.95, 0.4), "category": Cut(0.5, 3, calibrated=False)}
    found = Seen(Worth(50, 0.1, 0.3), cuts).applied(seeing)
    assert found.dual.worth == (0.1, 0.3)
    assert found.tags.cuts == {"colour": 0.63, "category": 0.0}
    assert found.provenance["seen"] == {"pairs": 50, "tags": {"colour": {"photos": 99, "precision": 0.95, "told": 0.4}}}
    silent = Seen(Worth(5, 0.1, 0.3), {"colour": Cut(None, 99, calibrated=True)}).applied(seeing)
    assert silent.dual.worth == SEEING.dual.worth
    assert silent.tags.cuts == {"category": 0.0}


def test_a_catalogues_photos_are_looked_at(seeing, tmp_path):
    colours = list(TAG_LISTS["colour"].split("\n")[1:3])
    shop = {
        f"l{i}": {"image": f"{i}.png", "title": f"{colours[i % 2]} shoe {i}", "attributes": {"colour": colours[i % 2]}}
        for i in range(40)
    }
    for i, listing in enumerate(shop.values()):
        (tmp_path / listing["image"]).write_bytes(picture(colours[i % 2]))
    shop["none"] = {"attributes": {"colour": "red"}}
    events = events_of(**shop)
    settings = load_settings(image_root=tmp_path)
    seen = look(seeing, events.values(), settings, Asked(0.9, lambda listing: listing.photos[0], None))
    assert seen.worth.pairs == 40
    assert seen.cuts["colour"].examples == 40
    assert seen.cuts["category"].examples == 0
    warnings = []
    nowhere = load_settings(image_root=tmp_path / "nowhere")
    asked = Asked(0.9, lambda listing: listing.photos[0], None)
    blind = look(seeing, events.values(), nowhere, asked, Telling(warnings.append))
    assert (blind.worth.pairs, blind.cuts) == (0, {})
    assert len(warnings) == 40
