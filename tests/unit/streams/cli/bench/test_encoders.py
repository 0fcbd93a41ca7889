import orjson
import pytest
from fakes.trainable import tiny_bundle
from typer.testing import CliRunner

from encoders.benchmarks import Way, Ways
from streams.cli.bench.encoders_told import Tried, goals, measured
from streams.cli.main import app


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return str(tiny_bundle(tmp_path_factory.mktemp("bundles")).path)


def bench(*options):
    return CliRunner().invoke(app, ["bench", "encoders", "--titles", "6", "--photos", "5", "--rounds", "2", *options])


def test_titles_are_measured_in_turns_and_kept_as_json(bundle, tmp_path):
    options = ("--items", "text", "--batch-sizes", "4,2", "--no-candidates", "--json", str(tmp_path / "e.json"))
    done = bench("--bundle", bundle, *options)
    assert done.exit_code == 0, done.output
    assert "titles at least 5 times as fast as one at a time" in done.output
    assert "The product's precision here is" in done.output
    found = orjson.loads((tmp_path / "e.json").read_bytes())
    assert found["measured"].keys() == {"titles"}
    ours = found["measured"]["titles"]["matchstream, float32, 2 at once"]
    assert len(ours["items_per_s"]) == 2
    assert ours["cosine_least"] == pytest.approx(1, abs=1e-5)
    assert found["measured"]["titles"]["tutorial, 1 at once"]["batch"] == 1
    assert len(ours["processor_ms"]) == 2
    assert ours["processor_ms"][0] > 0
    assert {way["items"] for way in found["measured"]["titles"].values()} == {6}
    assert "one at a time, unpadded, 1 at once" in found["measured"]["titles"]


def test_others_are_in_float32_and_a_goal_is_stated_for_the_product_in_float32_as_well():
    names = ("matchstream, float32", "matchstream, bfloat16", "tutorial", "ONNX Runtime, float32")
    ways = {name: Way(name, 4, list) for name in names}
    rates = dict(zip(names, ([60.0], [200.0], [20.0], [100.0]), strict=True))
    one_by_one, same, product = goals([Tried("titles", ways, rates)], "bfloat16")
    assert one_by_one.reached
    assert (same.reached, same.got) == (False, "0.60 (0.60 to 0.60) times, by matchstream, float32")
    assert same.wanted.startswith("titles in float32 not slower than the best of the others, in float32 (ONNX")
    assert (product.reached, product.got) == (True, "2.00 (2.00 to 2.00) times, by matchstream, bfloat16")
    assert len(goals([Tried("titles", ways, rates)], "float32")) == 2


def test_processors_of_other_processes_are_not_told():
    elsewhere = Way("two processes", 4, lambda: None, own_process=False)
    found = measured("titles", Ways([Way("own", 4, lambda: None), elsewhere]), 3)
    assert found.processor_ms.keys() == {"own"}
    assert len(found.processor_ms["own"]) == 3
    assert found.as_json()["two processes"]["processor_ms"] is None


@pytest.mark.slow
def test_everything_is_measured_beside_other_runtimes(bundle):
    done = bench("--bundle", bundle, "--batch-sizes", "4")
    assert done.exit_code == 0, done.output
    for words in (
        "ONNX Runtime",
        "sentence-transformers",
        "two processes",
        "torchvision.io",
        "channels-last",
        "Listings",
    ):
        assert words in done.output
    assert "left out" not in done.output


@pytest.mark.parametrize(
    ("options", "said"),
    [(("--items", "words"), "--items 'words'"), (("--batch-sizes", "1,0"), "--batch-sizes '1,0'")],
)
def test_what_makes_no_sense_is_refused(options, said):
    done = bench(*options)
    assert done.exit_code != 0
    assert said in f"{done.output}{done.exception}"
