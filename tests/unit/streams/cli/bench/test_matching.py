"""What index, blend and match take for a listing: measured, and told."""

import orjson
import pytest
from fakes.memory_index import MemoryIndex
from typer.testing import CliRunner

from encoders.types import Modality
from streams.benchmarks.families import SIZE
from streams.benchmarks.looking import Cost, Looking
from streams.benchmarks.serving import serves_up_to
from streams.cli.bench import app
from streams.cli.bench.matching import RULES, _Place
from streams.cli.bench.matching_told import Round, growth, report_of
from streams.index import View


def taken(ms: float, new: int = 2) -> Round:
    """Rounds of so many new listings and as many updates, in which each takes so long; half of it in blend."""
    seconds = ms * new / 1000
    costs = {
        "index": Cost(seconds / 4, new, 1, 5, 2 * new, 8 * new),
        "blend": Cost(seconds / 2, new, 1, 7, 6 * new, 24 * new),
        "match": Cost(seconds / 4, new, 1, 5, 2 * new, 8 * new),
    }
    return Round(costs, new, costs, new)


MEASURED = {10_000: [taken(2), taken(4), taken(3)], 100_000: [taken(4), taken(6), taken(6)]}


def told(index: str, measured=MEASURED):
    return report_of(measured, {"index": index, "rounds": 3})


def test_growth_is_compared_within_each_round():
    grown = growth(MEASURED, 10_000, 100_000)
    assert (grown.median, grown.least, grown.most) == pytest.approx((2, 1.5, 2))


def test_on_a_server_the_goal_is_looked_at_and_on_the_embedded_index_it_is_not():
    assert told("server").goals[0].reached is False
    assert told("server", {10_000: [taken(2)], 100_000: [taken(3)]}).goals[0].reached is True
    assert told("server", {10_000: [taken(2)]}).goals[0].reached is None
    assert told("embedded").goals[0].reached is None


def test_tables_are_for_one_listing_and_trips_for_one_batch():
    time, asked = told("server").tables
    assert time.rows[0] == ["10,000", "3.00 (2.00 to 4.00)", "0.75", "1.50", "0.75", *["3.00 (2.00 to 4.00)"] * 2]
    assert asked.rows[0] == ["10,000", "5.0", "7.0", "5.0", "8.50", "10.00", "4.00"]


def test_where_the_embedded_index_stops_serving():
    assert serves_up_to({10_000: 3, 100_000: 6}) == 100_000 + 94 * 30_000, "3 ms more for 90,000: 100 ms are far away"
    assert serves_up_to({}) is serves_up_to({10_000: 3}) is serves_up_to({10_000: 3, 100_000: 3}) is None
    assert serves_up_to({10_000: 300, 100_000: 900}) == 10_000
    assert any("2,920,000" in note for note in told("embedded").notes)
    assert not any("2,920,000" in note for note in told("server").notes)


async def test_rounds_leave_the_catalogue_as_large_as_it_was_and_change_different_listings():
    index = MemoryIndex({Modality.TEXT: SIZE})
    place = _Place(index, Looking(index, RULES))
    await place.fill(100)
    for _ in range(2):
        found = await place.round(80)
        assert (found.new, found.updates) == (80, 80)
        assert found.changed["index"].messages == 80
        assert len([1 async for point in index.scan([View.RAW]) if point.raw]) == 100
    assert (await place.round(200)).updates == 100


def test_a_small_run(tmp_path):
    file = tmp_path / "matching.json"
    options = ["--listings", "40,20", "--new", "4", "--rounds", "1", "--json", str(file)]
    result = CliRunner().invoke(app, ["matching", *options])
    assert result.exit_code == 0, result.output
    measured = orjson.loads(file.read_bytes())["measured"]
    assert list(measured) == ["20", "40"]
    for (only,) in measured.values():
        assert (only["new"], only["added"]["index"]["round_trips"]) == (4, 5)
        assert only["added"]["blend"]["seconds"] > 0


def test_sizes_that_are_none():
    result = CliRunner().invoke(app, ["matching", "--listings", "many"])
    assert result.exit_code == 2
    assert "are no sizes" in result.output
