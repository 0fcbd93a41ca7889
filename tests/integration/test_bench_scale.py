"""`matchstream bench scale` on a real Kafka: two workers beside one, and each stage by itself."""

import asyncio

import orjson
import pytest

from encoders.fitting import Changes, fit_bundle
from streams.benchmarks.scaling import Constant
from streams.benchmarks.scaling.gathering import gathered
from streams.brokers.topics import StageName
from streams.cli.bench.load import load_of
from streams.cli.bench.scale import report_of
from streams.cli.bench.scale_runs import WITHOUT_PEOPLE, Scale

pytestmark = [pytest.mark.kafka, pytest.mark.slow]

TITLES = [f"{colour} {thing}" for colour in ("red", "blue", "green") for thing in ("shoe", "kettle", "lamp", "tent")]


@pytest.fixture
def scale(kafka_settings, tmp_path):
    bundle = fit_bundle(TITLES, tmp_path / "lexical", changes=Changes(text=False, image=False))
    lines = [{"listing_id": f"{seller}-{title}", "title": title} for seller in "ab" for title in TITLES]
    (tmp_path / "listings.jsonl").write_bytes(b"\n".join(orjson.dumps(line) for line in lines))
    settings = kafka_settings.model_copy(update={"bundle": str(bundle.path), "batch_size": 4})
    with load_of(tmp_path / "listings.jsonl", None, 100) as load:
        yield Scale(settings, load, most=2)


def test_two_workers_and_each_stage(scale, tmp_path):
    """Both workers embed, and every stage finds what the one before it left."""
    per_s = {"workers, 1": [1.0], "workers, 2": [asyncio.run(scale.staged(2))]}
    per_s |= {f"encoders alone, {n}": [1.0] for n in (1, 2)}
    costs = asyncio.run(scale.by_stage())
    assert per_s["workers, 2"][0] > 0
    assert list(costs) == list(WITHOUT_PEOPLE)
    assert [costs[one].messages for one in WITHOUT_PEOPLE[:2]] == [24, 24]
    assert all(costs[one].messages >= 24 for one in WITHOUT_PEOPLE[2:])

    options = {"workers": [1, 2], "index": "embedded", "bundle": "lexical"}
    (tmp_path / "scale.json").write_bytes(report_of(options, 24, per_s, costs).to_bytes())
    before = {f"{stage}_ms": Constant(0, "ms", False, "") for stage in WITHOUT_PEOPLE[1:]}
    now = gathered(tmp_path, before)
    assert now["blend_ms"].value == pytest.approx(costs[StageName.BLEND].processor_ms, rel=1e-3)
    assert now["group_ms"].value == pytest.approx(costs[StageName.GROUP].clock_ms, rel=1e-3)
