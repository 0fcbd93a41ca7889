"""`matchstream fit` with a joint encoder, captions and tags, by tiny models on generated photos."""

import numpy as np
import orjson
import pytest
from fakes.taught_duals import Shown, teach
from fakes.tiny_captioner import save_tiny_blip
from fakes.tiny_duals import save_tiny_clip
from fakes.trainable import tiny_bundle
from PIL import Image
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from encoders.types import Modality
from streams.cli.main import app

pytestmark = pytest.mark.slow

COLOURS = {"red": (200, 30, 30), "green": (30, 160, 40), "blue": (30, 40, 200), "black": (20, 20, 20)}
THINGS = ["shoe", "mug", "lamp"]


def shop(count=96):
    """Listings whose title and attribute say what colour their photo is of."""
    for i in range(count):
        colour, thing = list(COLOURS)[i % 4], THINGS[i % 3]
        yield {
            "listing_id": f"l{i}",
            "title": f"{colour} {thing} {i // 2}",
            "product_id": f"p{i // 2}",
            "image": f"photos/{i}.png",
            "attributes": {"colour": colour.title()},
        }


def photo(colour, seed):
    noise = np.random.default_rng(seed).normal(0, 14, (40, 40, 3))
    return Image.fromarray((np.array(COLOURS[colour]) + noise).clip(0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with listings, photos, a bundle to start from, and models: a CLIP that was taught the colours."""
    folder = tmp_path_factory.mktemp("seen")
    tiny_bundle(folder, image=False)
    save_tiny_clip(folder / "clip")
    save_tiny_blip(folder / "blip")
    (folder / "photos").mkdir()
    for i, listing in enumerate(shop()):
        photo(list(COLOURS)[i % 4], i).save(folder / listing["image"])
    shown = []
    for seed, colour in enumerate(list(COLOURS) * 6):
        photo(colour, 1000 + seed).save(folder / "taught.png")
        title = f"{colour} {THINGS[seed % 3]}" if seed // 4 % 2 else f"a photo of {colour}"
        shown.append(Shown(title, (folder / "taught.png").read_bytes()))
    teach(folder / "clip", shown, steps=40)
    (folder / "lists").mkdir()
    (folder / "lists" / "colour.txt").write_text("\n".join(COLOURS))
    (folder / "lists" / "shape.txt").write_text("round\nsquare")
    (folder / "listings.jsonl").write_bytes(b"".join(orjson.dumps(one) + b"\n" for one in shop()))
    return folder


@pytest.fixture
def fit(here, tmp_path, monkeypatch):
    """The command as it is typed in that folder."""
    monkeypatch.chdir(here)

    def run(*options, base="base", output="mine"):
        given = ["fit", "listings.jsonl", "--base", str(base), "-o", str(tmp_path / output)]
        return CliRunner().invoke(app, [*given, *map(str, options)], catch_exceptions=True)

    return run


SEEING = ("--joint-model", "clip", "--caption-model", "blip", "--tag-lists", "lists", "--images", ".")


def test_everything_there_is_to_see_is_chosen_measured_and_told(fit, tmp_path):
    done = fit(*SEEING, "--photos", "2", "--caption-min-words", "4")
    assert done.exit_code == 0, done.output
    bundle = read_bundle(tmp_path / "mine")
    assert bundle.photos == 2
    assert bundle.captions.min_words == 4
    assert bundle.tags.lists.keys() == {"category", "colour", "material", "pattern", "shape", "style", "use"}
    assert bundle.file("tags/colour.txt").read_text() == "\n".join(COLOURS)
    assert bundle.tags.cuts.keys() == bundle.tags.lists.keys()
    assert {bundle.tags.cuts[name] for name in bundle.tags.lists if name != "colour"} == {0.5}
    low, high = bundle.dual.worth
    assert -1 < low < high - 0.1
    assert bundle.provenance["seen"]["tags"]["colour"]["photos"] == 96
    assert bundle.provenance["seen"]["tags"]["colour"]["precision"] >= 0.9
    for told in (
        f"than to one in twenty others ({low:g})",  # there are few colours, and a title says no more
        "0, too few to calibrate; 29 of different things would do",
        "The joint encoder has no weight in matching yet: learn it with --label FIELD. Search uses it at once.",
        f"Next: MATCHSTREAM_BUNDLE={bundle.path} matchstream match listings.jsonl --images .",
    ):
        assert told in done.output
    (colour,) = [line.split() for line in done.output.splitlines() if line.startswith("colour")]
    assert colour[-1] == "96"
    assert float(colour[1]) == bundle.tags.cuts["colour"]
    assert "chosen for other encoders; learn" in done.output  # two photos pooled are another row than one


def test_what_models_write_counts_half_until_labels_say_otherwise(fit, tmp_path):
    done = fit("--caption-model", "blip")
    assert done.exit_code == 0, done.output
    bundle = read_bundle(tmp_path / "mine")
    weights = {"image": 2.0, "text": 0.5, "text_or_caption": 0.5, "lexical": 1.0, "lexical_or_caption": 1.0}
    assert bundle.matching["weights"] == weights
    assert "other encoders" not in done.output
    again = fit("--no-captions", base=tmp_path / "mine", output="again")
    assert again.exit_code == 0, again.output
    assert read_bundle(tmp_path / "again").matching["weights"] == {"image": 2.0, "text": 1.0, "lexical": 2.0}


def test_a_bundle_of_one_that_sees_sees_and_is_left_blind_where_that_is_asked_for(fit, tmp_path):
    fit(*SEEING)
    first = read_bundle(tmp_path / "mine")
    same = fit("--images", ".", base=first.path, output="same")
    assert same.exit_code == 0, same.output
    again = read_bundle(tmp_path / "same")
    assert (again.dual, again.captions, again.tags) == (first.dual, first.captions, first.tags)
    assert "thresholds" not in same.output
    blind = fit("--no-joint", "--no-captions", base=first.path, output="blind")
    assert blind.exit_code == 0, blind.output
    assert read_bundle(tmp_path / "blind").modalities == {Modality.TEXT, Modality.LEXICAL}
    assert "joint encoder" not in blind.output


def test_labels_teach_what_the_new_rows_weigh(fit, tmp_path):
    done = fit(*SEEING, "--label", "product_id", "--no-scorer")
    assert done.exit_code == 0, done.output
    bundle = read_bundle(tmp_path / "mine")
    assert bundle.dual.worth != (0.0, 1.0)
    assert bundle.provenance["seen"]["tags"]["colour"]["photos"] == 96
    assert bundle.provenance["learned"]["products"] == 48
    assert "no weight in matching yet" not in done.output


def test_photos_that_are_not_there_leave_the_defaults_and_are_told_of_in_short(fit, tmp_path, monkeypatch):
    monkeypatch.setenv("MATCHSTREAM_IMAGE_ROOT", str(tmp_path))
    done = fit("--joint-model", "clip", "--tags")
    assert done.exit_code == 0, done.output
    bundle = read_bundle(tmp_path / "mine")
    assert bundle.dual.worth == (0.0, 1.0)
    assert set(bundle.tags.cuts.values()) == {0.5}
    assert "0 listings with a photo and a title, 20 wanted; give --images FOLDER" in done.output
    assert "and 91 warnings like these" in done.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--tags"], "tags without a joint encoder, one that finds them wanted; name one: --joint-model NAME"),
        (["--joint-model", "some/clip"], "run 'matchstream models pull some/clip'"),
        (["--joint-model", "clip", "--tag-lists", "photos"], "no list in 'photos'"),
        (["--caption-min-words", "3"], "name a model: --caption-model NAME"),
        (["--joint-revision", "abc"], "name it: --joint-model NAME"),
    ],
)
def test_what_can_not_be_made_is_said_in_a_line_and_leaves_nothing(fit, tmp_path, options, message):
    done = fit(*options)
    assert done.exit_code == 1
    assert message in str(done.exception)
    assert not (tmp_path / "mine").exists()


def test_bundles_that_see_are_shown_and_compared(fit, tmp_path):
    fit(*SEEING)
    fit(*SEEING, "--caption-min-words", "9", output="other")
    run = CliRunner()
    shown = run.invoke(app, ["bundle", "show", str(tmp_path / "mine")]).output
    for told in ("titles by the same model", "captions  by captions, where a title has fewer than 3", "colour from 0."):
        assert told in shown
    line = run.invoke(app, ["bundle", "show", str(tmp_path / "mine"), "--json"]).stdout
    assert orjson.loads(line)["captions"]["min_words"] == 3
    assert orjson.loads(line)["tags"]["cuts"]["shape"] == 0.5
    both = [str(tmp_path / "mine"), str(tmp_path / "other")]
    compared = run.invoke(app, ["bundle", "compare", *both]).output
    assert "Other rows: text_or_caption, lexical_or_caption" in compared
    assert "Other captions or tags" in compared
    assert orjson.loads(run.invoke(app, ["bundle", "compare", *both, "--json"]).stdout)["generated"] == "other"
