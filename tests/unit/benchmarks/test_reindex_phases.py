import pytest
from benchmarks.reindexing.phases import ORDER, QUIET, Phase, shown, summary


def phase(condition, *latencies_s, ratio=1.0):
    return Phase(condition, list(latencies_s), seconds=10.0, load=0.5, cores={"live": 0.25}, ratio=ratio)


def test_a_condition_is_the_median_of_its_phases_with_how_far_they_are_apart():
    phases = [
        phase("quiet", 1.0, 2.0, 3.0),
        phase("busy", 2.0, 4.0, 9.0, ratio=2.0),
        phase("quiet", 1.0),
        phase("busy", 1.0, ratio=0.5),
        phase("busy", 3.0, ratio=1.5),
    ]
    assert summary(phases) == {
        "quiet": {"median_s": 1.5, "p95_s": 1.5, "ratio": 1.0, "least": 1.0, "most": 1.0, "listings": 4},
        "busy": {"median_s": 3.0, "p95_s": 3.0, "ratio": 1.5, "least": 0.5, "most": 2.0, "listings": 5},
    }


@pytest.mark.parametrize(("count", "p95"), [(1, 1.0), (20, 19.0), (21, 20.0), (101, 96.0)])
def test_one_in_twenty_is_above_the_95th_percentile(count, p95):
    told = shown(phase("busy", *(float(number) for number in range(count, 0, -1))))
    assert f"p95 {p95:.2f} s" in told
    assert f"({count} listings in 10 s, load 0.5; cores: live 0.25)" in told


def test_each_way_of_filling_is_measured_after_a_quiet_phase():
    assert ORDER[0] == QUIET
    assert {(one.source, one.gives_way) for one in ORDER if one != QUIET} == {
        (source, gives_way) for source in ("listings", "embeddings") for gives_way in (True, False)
    }
