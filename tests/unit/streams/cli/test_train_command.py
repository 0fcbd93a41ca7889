import pytest
from fakes.tiny_duals import save_tiny_clip
from fakes.trainable import rewrite, tiny_bundle, write_lines
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from encoders.fitting import Changes, fit_bundle
from encoders.training.recipes import RecipeName
from streams.cli.main import app


def listings_of(bundle):
    """How many it was made of."""
    data = read_bundle(bundle).provenance["training"]["data"]
    return data["training listings"] + data["held-out listings"]


def test_as_typed_it_writes_a_bundle_and_says_what_is_next(train, shop, base):
    done = train()
    assert done.exit_code == 0, done.output
    assert "trained on 15 listings of 5 products, measured on 9 listings of 3 products" in done.stdout
    assert "logs: tensorboard --logdir trained.run" in done.stdout
    assert "text: best after 1 of 1 epoch" in done.stdout or "text: never better than before" in done.stdout
    assert "Next, on other products: matchstream fit OTHERS.jsonl --base trained --label product_id -o" in done.stdout
    assert "only 3 products with several listings were held out; hold more back with --held-out" in done.stderr
    bundle = read_bundle(shop / "trained")
    assert bundle.text.head == "text-head.safetensors"
    assert bundle.image == read_bundle(base).image
    told = bundle.provenance
    assert (told["base"]["name"], told["command"][0]) == ("base", "matchstream")
    assert told["training"]["recipe"] == "arcface"
    assert told["training"]["data"] == {
        "training listings": 15,
        "training products": 5,
        "held-out listings": 9,
        "held-out products": 3,
    }
    assert told["training"]["runs"]["text"]["updates"] == 1


@pytest.mark.slow
def test_what_is_left_of_a_run_is_to_be_looked_at_only(train, shop):
    assert train().exit_code == 0
    left = {path.name for path in (shop / "trained.run" / "text").iterdir()} - {".lock"}
    assert left == {"metrics.json", "curves.png", "tensorboard"}
    assert sorted(path.name for path in shop.iterdir() if path.name.startswith("trained")) == [
        "trained",
        "trained.run",
    ]


def test_recipes_are_shown_with_all_that_can_be_set():
    done = CliRunner().invoke(app, ["train", "--recipes"])
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines() if line]
    assert [line[0] for line in lines if line[0].endswith(":")] == [f"{one}:" for one in RecipeName]
    settings = {line[0]: line[1] for line in lines}
    assert settings["neck"] == "true"
    assert settings["crop"] == "none"
    assert settings["numeric"] == "log_price,words,numbers,attributes"
    assert settings["locality"] == "1.0"
    assert "epochs: 6 of text, 12 of image" in done.stdout


@pytest.mark.slow
def test_listings_whose_photo_is_missing_are_named(train, shop):
    (shop / "photos" / "s0-0.png").unlink()
    done = train()
    assert done.exit_code == 0, done.output
    assert "line 1: listing 's0-0': no image 'photos/s0-0.png' in" in done.stderr
    assert listings_of(shop / "trained") == 23


@pytest.mark.slow
def test_many_photos_that_can_not_be_read_are_told_in_few_lines_and_the_modality_is_left_alone(train, shop, base):
    for photo in (shop / "photos").iterdir():
        photo.write_bytes(b"no picture")
    done = train("--modality", "all")
    assert done.exit_code == 0, done.output
    assert done.stderr.count("it is learned from without") == 5
    assert "and 19 warnings like these" in done.stderr
    assert "image: no labelled listing has a photo to read; this modality is left as it is" in done.stderr
    assert read_bundle(shop / "trained").image == read_bundle(base).image


@pytest.mark.slow
def test_an_encoder_that_the_base_does_not_have_is_told_and_left_alone(train, shop, tmp_path_factory):
    bare = tiny_bundle(tmp_path_factory.mktemp("bare"), image=False).path
    done = train("--modality", "all", "--base", str(bare))
    assert done.exit_code == 0, done.output
    assert "image: bundle 'base' has no encoder to start from; this modality is left as it is" in done.stderr
    assert read_bundle(shop / "trained").image is None


@pytest.mark.slow
def test_files_may_have_names_that_are_not_utf_8(train, shop, monkeypatch):
    rewrite(shop / "listings.jsonl", lambda one: {**one, "image": one["image"].removeprefix("photos/")})
    (shop / "photos").rename(shop / "b\udce9")
    (shop / "listings.jsonl").rename(shop / "caf\udce9.jsonl")
    monkeypatch.setattr("sys.argv", ["matchstream", "train", "caf\udce9.jsonl"])
    done = train("--images", "b\udce9", "--modality", "all", file="caf\udce9.jsonl")
    assert done.exit_code == 0, done.output
    assert read_bundle(shop / "trained").provenance["command"] == ["matchstream", "train", "caf?.jsonl"]
    assert (shop / "trained" / "image-metrics.json").is_file()


@pytest.mark.slow
def test_pairs_are_labels_too(train, shop):
    rewrite(shop / "listings.jsonl", lambda one: {**one, "product_id": None})
    pairs = [{"a": f"s0-{product}", "b": f"s1-{product}"} for product in range(8)]
    write_lines(shop / "pairs.jsonl", [*pairs, {"a": "x", "b": "y"}])
    done = train("--pairs", "pairs.jsonl", label=None)
    assert done.exit_code == 0, done.output
    assert "1 of 9 pairs have a listing that is not in the file" in done.stderr
    assert "8 of 24 listings are in no pair; they are left out" in done.stderr
    assert listings_of(shop / "trained") == 16
    assert "--label FIELD" in done.stdout


@pytest.mark.slow
def test_pairs_add_to_labels(train, shop):
    rewrite(shop / "listings.jsonl", lambda one: one if one["listing_id"] != "s2-7" else {**one, "product_id": None})
    write_lines(shop / "pairs.jsonl", [{"a": "s2-7", "b": "s1-7"}])
    done = train("--pairs", "pairs.jsonl")
    assert done.exit_code == 0, done.output
    assert listings_of(shop / "trained") == 24
    assert "left out" not in done.stderr


@pytest.mark.slow
def test_a_dual_encoder_is_fused_with_the_others_and_stays(train, shop, base):
    save_tiny_clip(shop / "clip")
    seeing = fit_bundle(["a shoe"], shop / "seeing", base=read_bundle(base), changes=Changes(dual_model="clip"))
    assert seeing.joint.weights is None
    done = train("--recipe", "fusion", "--modality", "all", "--base", "seeing")
    assert done.exit_code == 0, done.output
    bundle = read_bundle(shop / "trained")
    assert bundle.dual == seeing.dual
    assert (bundle.joint.sources, bundle.joint.cross_modal) == (("image", "text", "joint_image", "joint_text"), False)
    assert "was not trained to find photos by words" in (bundle.path / "README.md").read_text()
    told = " ".join(train("--base", "trained", "-o", "tuned").stderr.split())
    assert "learn one anew with 'matchstream train --recipe fusion --base tuned'" in told
    assert read_bundle(shop / "tuned").joint == seeing.joint


@pytest.mark.slow
@pytest.mark.parametrize("recipe", ["contrastive", "unified"])
def test_a_joint_space_that_is_left_out_is_told(train, shop, recipe):
    assert train("--recipe", recipe, "--modality", "all", "-o", "joined").exit_code == 0
    done = train("--base", "joined")
    assert done.exit_code == 0, done.output
    assert read_bundle(shop / "joined").joint is not None
    assert read_bundle(shop / "trained").joint is None
    told = " ".join(done.stderr.split())
    assert "bundle 'joined' has a joint space over the encoders that are trained now: it is left out;" in told
    assert f"learn one anew with 'matchstream train --recipe {recipe} --base trained'" in told
