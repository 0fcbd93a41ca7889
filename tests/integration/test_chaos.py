"""The short form of `make chaos`: whatever dies, everything is matched as the reference says or laid aside."""

import pytest
from chaos.report import as_lines
from chaos.run import Plan, run

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(1200)]


@pytest.mark.parametrize("seed", [1])
async def test_nothing_is_lost_and_nothing_is_wrong_whatever_dies(kafka_jars, tmp_path, seed):
    plan = Plan(events=500, faults=8, listings=150, deadly=0, seed=seed)
    record, found = await run(plan, tmp_path, kafka_jars, print)
    assert found.good, "\n".join(as_lines(record, found))
    assert len(record.faults) == plan.faults
    assert record.acknowledged >= plan.events
    assert found.poison
