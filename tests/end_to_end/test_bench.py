"""`matchstream bench` on little: everything is measured, and what it costs goes into the model."""

import shutil
from pathlib import Path

import orjson
import pytest

from streams.benchmarks.scaling import read_constants

SHIPPED = Path(__file__).resolve().parents[2] / "docs" / "benchmarks" / "constants.json"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_pipeline_is_measured_and_the_model_takes_it(command, listings_file):
    command = command.with_(encoder_process=True)
    options = ("--embedded", "--rounds", "1", "--latency-s", "1", "--json", "pipeline.json")
    result = command.run("bench", "pipeline", listings_file.name, *options, timeout_s=500)
    assert result.code == 0, result.err
    assert "wrote every measurement to pipeline.json" in result.out
    measured = orjson.loads((command.folder / "pipeline.json").read_bytes())["measured"]
    assert measured["listings"] == 26  # of 34, a quarter warms it up
    assert measured["ratio"]["median"] > 0
    assert [measured["topics"][one]["records"] for one in ("listings", "embeddings")] == [1.0, 1.0]
    assert measured["price_topics"]["listings"]["records"] == 1.0
    assert measured["price_topics"]["reblend"]["records"] == 0  # nothing is looked around for a price
    assert measured["latency"]["unheard"] == 0
    assert 0 < measured["latency"]["seconds"]["p50"] <= measured["latency"]["seconds"]["most"]
    assert measured["in_hand"]["embed"][0] > 0

    constants = Path(shutil.copy(SHIPPED, command.folder))
    told = command.run("bench", "capacity", "--from", ".", "--constants", constants.name, "--listings", "5000000")
    assert told.code == 0, told.err
    assert "What breaks first with 5,000,000 listings" in told.out
    assert read_constants(constants)["mark_bytes"].source.startswith("bench pipeline: what a listing leaves behind")
