import orjson
import pytest
from typer.testing import CliRunner

from encoders.bundle import LexicalSpec, Manifest, read_bundle, write_bundle
from streams.cli.main import app
from streams.errors import MatchstreamError

NAMES = ["amber", "birch", "cobalt", "dune", "ember", "fjord", "grove", "heron", "iris", "jade", "kelp", "larch"]
SELLERS = ["", " new", " by post", " sale"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a bundle that knows words alone, and a labelled file."""
    monkeypatch.chdir(tmp_path)
    matching = {"weights": {"lexical": 1}, "match_threshold": 0.6, "blend": {"neighbors": 0, "threshold": 0.5}}
    write_bundle(tmp_path / "words", Manifest(lexical=LexicalSpec(), matching=matching), {})
    listings(tmp_path / "listings.jsonl", products=40)
    return tmp_path


def listings(file, products, **changes):
    rows = [
        {
            "listing_id": f"l{product}-{seller}",
            "title": f"{NAMES[product % 12]} {NAMES[(product * 5 + product // 12) % 12]} lamp {product}{NAMES[seller]}",
            "category": "lamps",
            "product": product,
            **changes,
        }
        for product in range(products)
        for seller in range(3)
    ]
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))


def run(*arguments):
    return CliRunner().invoke(app, [str(one) for one in arguments])


def evaluate(*arguments):
    return run("evaluate", *arguments, "--label", "product", "--bundle", "words")


def calibrate(*arguments):
    return run("calibrate", *arguments, "--label", "product", "--bundle", "words")


def test_evaluate_prints_figures_and_writes_a_folder(here):
    result = evaluate("listings.jsonl", "-o", "out")
    assert result.exit_code == 0, result.output
    assert "mean F1 of lists" in result.output
    assert "120 listings of 40 products" in result.output
    written = {path.name for path in (here / "out").iterdir()}
    assert {"metrics.json", "report.html", "thresholds.png", "similarities-lexical.png"} <= written
    document = orjson.loads((here / "out" / "metrics.json").read_bytes())
    assert 0 < document["rows"][0]["figures"]["mean_f1"] <= 1


@pytest.mark.usefixtures("here")
def test_evaluate_tunes_and_ablates_side_by_side():
    result = evaluate("listings.jsonl", "--ablation", "--folds", "3")
    assert result.exit_code == 0, result.output
    assert "thresholds chosen on other products, 3 times" in result.output
    assert "with every veto, less as the bundle says" in result.output
    assert "blending" not in result.output  # there is nothing dense to be blended


def test_calibrate_writes_a_bundle_with_a_version_and_says_what_is_next(here):
    result = calibrate("listings.jsonl", "--target-precision", "0.7", "-o", "safe")
    assert result.exit_code == 0, result.output
    assert "MATCHSTREAM_BUNDLE=" in result.output
    written = read_bundle(here / "safe")
    assert written.matching["version"]
    assert written.provenance["calibration"]["target_precision"] == 0.7


def test_calibrate_abstains_where_labels_are_too_few_and_says_how_many_are_missing(here):
    rows = [
        {"listing_id": f"{name}-{seller}", "title": f"{name} {name * 2}", "product": name}
        for name in NAMES
        for seller in SELLERS
    ]
    (here / "few.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    result = calibrate("few.jsonl", "--target-precision", "0.99")
    assert result.exit_code == 0, result.output
    assert "more labelled pair" in result.output
    assert read_bundle(here / "words-calibrated").matching["match_threshold"] == 2.0


def error_of(result):
    assert isinstance(result.exception, MatchstreamError), result.output
    return str(result.exception)


@pytest.mark.parametrize("command", [evaluate, calibrate])
def test_an_empty_file_is_told(here, command):
    (here / "empty.jsonl").write_bytes(b"")
    assert "no line" in error_of(command("empty.jsonl"))


@pytest.mark.parametrize("command", [evaluate, calibrate])
def test_a_label_that_no_listing_has_is_told_with_the_fields_there_are(here, command):
    listings(here / "other.jsonl", 3, product=None, brand="acme")
    message = error_of(command("other.jsonl"))
    assert "label 'product'" in message
    assert "brand" in message


@pytest.mark.parametrize("command", [evaluate, calibrate])
def test_groups_of_one_are_told(here, command):
    rows = [{"listing_id": f"l{i}", "title": f"{name} lamp", "product": i} for i, name in enumerate(NAMES)]
    (here / "single.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    assert "no two of one product" in error_of(command("single.jsonl"))


@pytest.mark.parametrize("command", [evaluate, calibrate])
def test_listings_without_anything_to_compare_are_told(here, command):
    rows = [{"listing_id": f"l{i}", "image": "https://example.com/a.jpg", "product": 1} for i in range(3)]
    (here / "photos.jsonl").write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    assert "nothing that could be embedded" in error_of(command("photos.jsonl"))


def test_listings_without_the_label_are_left_out_and_counted(here):
    with (here / "listings.jsonl").open("ab") as file:
        file.write(b'{"listing_id": "x", "title": "a lamp"}\n')
    result = evaluate("listings.jsonl")
    assert "1 listings lack it" in result.output
    assert "120 listings of 40 products" in result.output


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("target", ["0", "1", "99", "nan"])
def test_a_target_that_is_no_share_is_told(target):
    assert "--target-precision" in error_of(calibrate("listings.jsonl", "--target-precision", target))


@pytest.mark.usefixtures("here")
def test_an_output_that_is_a_file_is_told_before_the_work():
    assert "--output" in error_of(evaluate("listings.jsonl", "-o", "listings.jsonl"))
    assert "no bundle" in error_of(calibrate("listings.jsonl", "-o", "listings.jsonl"))
