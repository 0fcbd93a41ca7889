import numpy as np
import orjson
import pytest
from typer.testing import CliRunner

from encoders.bundle import read_bundle
from encoders.fitting import Changes, fit_bundle
from streams.cli.main import app
from streams.matching.bundled import rules_of

pytestmark = pytest.mark.slow

TITLES_ALONE = Changes(text=False, image=False)


def shop_lines(products=40):
    """Products that common words tell apart, among the rare words of their sellers: hard for a threshold."""
    rng = np.random.default_rng(3)
    for product in range(products):
        for offer in range(rng.integers(2, 5)):
            noise = " ".join(f"{word:x}{'abc'[offer % 3]}" for word in rng.integers(10**6, 10**7, rng.integers(1, 4)))
            title = f"maker{product % 5} thing {product // 5 + 20} {noise}"
            yield {"listing_id": f"p{product}-{offer}", "title": title, "product": product}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty working folder with listings and a bundle that reads titles by their words."""
    monkeypatch.chdir(tmp_path)
    lines = list(shop_lines())
    (tmp_path / "listings.jsonl").write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    matching = {"weights": {"lexical": 1.0}, "match_threshold": 0.77, "list_limit": 9}
    fit_bundle([line["title"] for line in lines], tmp_path / "base", changes=TITLES_ALONE, matching=matching)
    return tmp_path


def fit(folder, *options, file="listings.jsonl", base="base"):
    return CliRunner().invoke(app, ["fit", str(folder / file), "--base", str(folder / base), "-o", "mine", *options])


def test_without_labels_the_thresholds_are_the_bases(folder):
    done = fit(folder)
    assert done.exit_code == 0
    assert read_bundle("mine").matching["match_threshold"] == 0.77
    assert "chosen for other encoders" not in done.output


def test_replaced_encoders_do_not_keep_thresholds_without_a_word(folder):
    assert "were chosen for other encoders; learn them with --label" in fit(folder, "--no-text").output


def test_with_labels_everything_is_learned_and_shown(folder):
    done = fit(folder, "--label", "product")
    assert done.exit_code == 0, done.output
    assert "mean F1" in done.output
    assert "evaluate OTHERS.jsonl --label product" in done.output
    bundle = read_bundle("mine")
    assert bundle.files["scorer.txt"]
    assert rules_of(bundle).scorer is not None
    assert rules_of(bundle).policy.list_limit == 9
    assert bundle.provenance["learned"]["products"] == 40
    assert not list(folder.glob(".mine*"))


def test_the_same_listings_make_the_same_bundle(folder):
    fit(folder, "--label", "product")
    first = read_bundle("mine").digest
    fit(folder, "--label", "product")
    assert read_bundle("mine").digest == first


def test_without_the_scorer_there_is_none(folder):
    assert fit(folder, "--label", "product", "--no-scorer").exit_code == 0
    assert read_bundle("mine").files.keys() == {"idf.safetensors"}
    assert read_bundle("mine").matching["scorer"] is None


def test_a_scorer_is_not_carried_to_other_idf_weights(folder):
    fit(folder, "--label", "product")
    (folder / "mine").rename(folder / "trained")
    done = fit(folder, base="trained")
    assert "is for its own IDF weights and is left out" in done.output
    assert rules_of(read_bundle("mine")).scorer is None


def test_nothing_is_written_when_nothing_can_be_learned(folder):
    done = fit(folder, "--label", "listing_id")
    assert done.exit_code == 1
    assert "with another of their product" in str(done.exception)
    assert not (folder / "mine").exists()


def test_a_label_that_is_not_there_names_the_fields_that_are(folder):
    done = fit(folder, "--label", "sku")
    assert "label 'sku': none of" in str(done.exception)
    assert "listing_id, product, title" in str(done.exception)


@pytest.mark.parametrize(("content", "got"), [(b"", "no line"), (b"{}\n", "only broken lines")])
def test_a_file_without_listings_is_an_error(folder, content, got):
    (folder / "empty.jsonl").write_bytes(content)
    assert f"{got}, listings wanted" in str(fit(folder, "--label", "product", file="empty.jsonl").exception)


def test_given_weights_and_blending_are_kept_and_the_rest_is_learned(folder):
    given = {"weights": {"lexical": 3.0}, "blend": {"neighbors": 2, "threshold": 0.45}, "match_threshold": 0.99}
    (folder / "given.json").write_bytes(orjson.dumps(given))
    assert fit(folder, "--label", "product", "--matching", "given.json").exit_code == 0
    learned = read_bundle("mine").matching
    assert learned["weights"] == given["weights"]
    assert learned["blend"] == {**given["blend"], "narrower": {}}
    assert learned["match_threshold"] < 0.99
