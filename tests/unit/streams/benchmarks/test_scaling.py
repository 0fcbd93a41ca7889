"""The cost model against figures worked out by hand, and its document against what it prints."""

from dataclasses import fields, replace
from pathlib import Path

import orjson
import pytest

from streams.benchmarks.scaling import (
    LARGE,
    SMALL,
    Catalogue,
    Constants,
    limits_of,
    needs_of,
    read_constants,
    tables_of,
)
from streams.benchmarks.scaling.document import BEGIN, END, filled_in
from streams.benchmarks.scaling.gathering import SOURCES, gathered, to_bytes
from streams.errors import SettingsError

ROOT = Path(__file__).resolve().parents[4]
SHIPPED = ROOT / "docs" / "benchmarks" / "constants.json"
DOCUMENT = ROOT / "docs" / "scaling.md"

# A day of 86,400 changes is one a second, so that everything can be worked out in the head.
EVEN = Catalogue("even", 3_600_000, 86_400, 0, photos=0.5, peak=1, sweep_s=0, replicas=2)
SIMPLE = replace(
    Constants(**dict.fromkeys((one.name for one in fields(Constants)), 1.0)),
    text_ms=4,
    photo_ms=20,
    gpu_text_ms=0.5,
    gpu_photo_ms=1,
    embed_ms=3,
    index_ms=5,
    blend_ms=6,
    match_ms=7,
    group_ms=10,
    reblends=2,
    rematches=3,
    regroups=4,
    busy=0.5,
)
GIB = 2**30


def test_processors_in_the_busiest_hour():
    stages = needs_of(EVEN, SIMPLE).stages
    assert stages.embed == pytest.approx(0.014)  # 4 ms a title, half as many photos of 20 ms
    assert stages.middle == pytest.approx(0.041)  # 3 + 5 + 2 * 6 + 3 * 7
    assert stages.group == pytest.approx(0.040)  # 4 marks of 10 ms
    busiest = needs_of(replace(EVEN, peak=100), SIMPLE)
    assert busiest.stages.middle == pytest.approx(4.1)
    assert (busiest.workers, busiest.embed_workers) == (9, 3)  # half of each process is room
    assert busiest.partitions == 32  # the power of two with room for 18


def test_prices_and_the_sweep_cost_what_they_touch():
    priced, constants = replace(EVEN, changes_a_day=0, prices_a_day=864_000), replace(SIMPLE, price_ms=17)
    prices = needs_of(priced, constants).stages
    # of 17 ms of processors 1 is group's, whose process has 10 ms by the clock for it
    assert (prices.embed, prices.middle, prices.group) == pytest.approx((0, 0.16, 0.1))
    told = replace(constants, price_product_bytes=1001)
    assert (needs_of(priced, told).kafka_mib_per_s - needs_of(priced, constants).kafka_mib_per_s) * 2**20 == 10_000
    with pytest.raises(SettingsError, match=r"'price_ms': 0\.5, at least 1"):
        needs_of(priced, replace(SIMPLE, price_ms=0.5))
    swept = needs_of(replace(EVEN, changes_a_day=0, sweep_s=360_000), SIMPLE).stages  # 10 a second
    assert (swept.embed, swept.middle, swept.group) == pytest.approx((0, 0.13, 0.1))


def test_hours():
    needs = needs_of(EVEN, SIMPLE)
    assert needs.gpu_first_h == pytest.approx(1)  # 3.6 million listings of a millisecond
    assert needs.gpu_daily_h == pytest.approx(0.024)
    assert needs.cpu_first_h == pytest.approx(14)
    assert needs.fill_h == pytest.approx(41)  # of one worker
    assert needs.group_fill_h == pytest.approx(40)
    assert needs.reindex_h == pytest.approx(41)


def test_memory():
    constants = replace(
        SIMPLE, numbers=100, vectors=4, graph_bytes=10, sparse_bytes=30, point_bytes=20, payload_bytes=70, memory=2
    )
    memory = needs_of(EVEN, constants).memory
    per_listing = [size * GIB / EVEN.listings for size in (memory.whole, memory.int8, memory.on_disk, memory.disk)]
    assert per_listing == pytest.approx([2 * 850, 2 * 290, 2 * 90, 2 * 960])


def test_storage_of_kafka():
    constants = replace(
        SIMPLE,
        listing_bytes=100,
        head_bytes=50,
        wire_bytes=2,
        numbers=25,
        match_bytes=40,
        product_bytes=20,
        record_bytes=10,
        mark_bytes=30,
        compaction=1.5,
    )
    kept = 1.5 * (110 + 110 + 50 + 30) * EVEN.listings
    marks = 7 * 86_400 * (2 + 3 + 4) * 40
    assert needs_of(EVEN, constants).kafka_gib * GIB == pytest.approx(2 * (kept + marks))


def test_prices_cost_workers_something_by_the_shipped_constants():
    constants = Constants.of(read_constants(SHIPPED))
    assert needs_of(SMALL, constants).stages.middle > needs_of(replace(SMALL, prices_a_day=0), constants).stages.middle


def test_what_breaks_first_comes_first():
    constants = Constants.of(read_constants(SHIPPED))
    limits = limits_of(SMALL, constants)
    assert [one.headroom for one in limits] == sorted(one.headroom for one in limits)
    assert limits[0].what == "the embedded index"
    assert limits[0].headroom < 1
    larger = {one.what: one.headroom for one in limits_of(LARGE, constants)}
    assert all(larger[one.what] <= one.headroom for one in limits)
    nothing = limits_of(replace(SMALL, listings=0, changes_a_day=0, prices_a_day=0), constants)
    assert nothing[-1].headroom == float("inf")


def test_each_shipped_constant_says_where_it_is_from():
    figures = read_constants(SHIPPED)
    assert list(figures) == [one.name for one in fields(Constants)]
    assert all(one.unit and one.source for one in figures.values())
    assert to_bytes(figures) == SHIPPED.read_bytes()


def test_the_document_has_the_tables_that_the_command_prints():
    text = DOCUMENT.read_text(encoding="utf-8")
    wanted = filled_in(text, tables_of([SMALL, LARGE], read_constants(SHIPPED)))
    assert text == wanted, "run: matchstream bench capacity --document docs/scaling.md"


def test_a_document_without_marks_is_refused():
    assert filled_in(f"a\n{BEGIN}\nold\n{END}\nb", []) == f"a\n{BEGIN}\n\n\n\n{END}\nb"
    with pytest.raises(SettingsError, match="no marks"):
        filled_in(f"{BEGIN} and no end", [])


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (None, "No such file"),
        (b"{", "unexpected end"),
        (b"[]", "list"),
        (b'{"text_ms": {"value": -1, "unit": "", "measured": true, "source": ""}}', "value -1"),
        (b'{"text_ms": {"value": 1}}', "missing"),
        (b'{"text_ms": 4}', "subscriptable"),
    ],
)
def test_constants_that_cannot_be_read(tmp_path, content, got):
    file = tmp_path / "constants.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SettingsError, match=got):
        read_constants(file)


def test_a_constant_that_is_missing():
    figures = read_constants(SHIPPED)
    del figures["group_ms"]
    with pytest.raises(SettingsError, match="group_ms"):
        Constants.of(figures)


def test_constants_are_gathered_from_what_benchmarks_wrote(tmp_path):
    names = enumerate(("index", "blend", "match", "group"), 1)
    stages = {name: {"processor_ms": number, "clock_ms": 10 * number} for number, name in names}
    of = {"listings": 2000, "bundle": {"name": "demo"}}
    ways = {
        "a": {"name": "tutorial", "items_per_s": [900], "processor_ms": [1]},
        "b": {"name": "matchstream, float32", "items_per_s": [100], "processor_ms": [10]},
        "c": {"name": "matchstream, bfloat16", "items_per_s": [400, 250, 260], "processor_ms": [3, 5, 4]},
    }
    cost = {"index": {"queries": 300, "seconds": 1.0}, "blend": {"queries": 100, "seconds": 0.5}}
    slow = {"index": {"queries": 300, "seconds": 4.5}}
    rounds = [{"added": cost, "changed": cost, "new": 50, "updates": 50}]
    slower = [{"added": slow, "changed": slow, "new": 50, "updates": 50}]
    _write(tmp_path / "scale.json", {**of, "stages": stages})
    _write(tmp_path / "encoders.json", {"titles": ways, "photos": ways})
    _write(tmp_path / "matching.json", {"1000": [], "100000": slower, "10000": rounds}, index="embedded")
    before = read_constants(SHIPPED)
    now = gathered(tmp_path, before)
    assert [now[one].value for one in ("index_ms", "blend_ms", "match_ms", "group_ms")] == [1, 2, 3, 40]
    assert now["group_ms"].measured
    assert now["group_ms"].source == "bench scale: each stage by itself, 2,000 listings, bundle 'demo', on a processor"
    assert (now["text_ms"].value, now["photo_ms"].value, now["queries"].value) == (4, 4, 8)
    assert now["text_ms"].source == (
        "bench encoders: titles, processors' time, the least of matchstream's ways, on a processor"
    )
    # 30 ms among 10,000 and 90 among 100,000 are 100 among 115,000
    assert (now["embedded_listings"].value, now["embedded_listings"].measured) == (115_000, True)
    others = {name for name, source in SOURCES.items() if source.benchmark not in {"scale", "encoders", "matching"}}
    assert all(now[name] == before[name] for name in now if name in others or name not in SOURCES)
    _write(tmp_path / "pipeline.json", {**of, "topics": {}})
    with pytest.raises(SettingsError, match="nothing for the constant 'price_ms'"):
        gathered(tmp_path, before)


def test_what_did_not_run_on_it_is_no_figure_of_a_gpu_or_of_the_embedded_index(tmp_path):
    ways = {"titles": {"a": {"name": "matchstream, float32", "items_per_s": [100]}}}
    cost = {"index": {"queries": 300, "seconds": 1.0}}
    rounds = [{"added": cost, "changed": cost, "new": 50, "updates": 50}]
    before = {
        name: one for name, one in read_constants(SHIPPED).items() if name in {"gpu_text_ms", "embedded_listings"}
    }
    assert not before["gpu_text_ms"].measured
    _write(tmp_path / "encoders-gpu.json", ways, device="cpu")
    _write(tmp_path / "matching.json", {"1000": rounds, "10000": rounds}, index="embedded")
    assert gathered(tmp_path, before) == before, "not a GPU; no time that grows"
    _write(tmp_path / "encoders-gpu.json", ways, device="cuda:1")
    _write(tmp_path / "matching.json", {"1000": []}, index="server")
    now = gathered(tmp_path, before)
    assert (now["gpu_text_ms"].value, now["gpu_text_ms"].measured) == (10, True)
    assert now["gpu_text_ms"].source.startswith("bench encoders: titles, the fastest of matchstream's ways")
    assert now["embedded_listings"] == before["embedded_listings"]


def _write(file, measured, **options):
    told = {"options": options, "measured": measured, "machine": {"processor": "a processor"}}
    file.write_bytes(orjson.dumps(told))
