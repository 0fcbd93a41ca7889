"""A protocol broken on purpose ends wrong, in runs where the real one does not: the random tests can see it.

The shares of wrong ends vary from one run in twenty to all of them, so that the runs tried here leave
no room for luck.
"""

import importlib
from collections.abc import Mapping
from unittest.mock import patch

import pytest
from fakes import broken_protocol as broken
from fakes.bursts import CIRCLE, Run
from fakes.flow import STAGES, Stage

from streams.stages import Channel, state

pytestmark = [pytest.mark.slow, pytest.mark.no_cover]  # coverage nearly doubles the time

MOST_RUNS = 120
QUIET = Run(CIRCLE, bursts=12, most=6, repeat=0)
CRASHING = Run(CIRCLE, crash=0.006)

STEPS = {
    "look before writing": (broken.LookBeforeWriting, QUIET),
    "only old neighbors": (broken.OnlyOldNeighbors, QUIET),
    "only new neighbors": (broken.OnlyNewNeighbors, QUIET),
    "not itself": (broken.NotItself, QUIET),
    "clear before marking": (broken.ClearBeforeMarking, CRASHING),
    "no record when nothing is replaced": (broken.NoRecordWhenNothingIsReplaced, CRASHING),
    "record after the rows": (broken.RecordAfterTheRows, CRASHING),
}
BROKEN_STAGES = {
    "no second look": ({Channel.REBLEND: broken.blend_without_second_look}, QUIET),
    "not told again": ({Channel.REMATCH: broken.match_without_telling_again}, CRASHING),
    "acknowledged before sending": (
        {topic: broken.acknowledged_early(stage) for topic, stage in STAGES.items()},
        CRASHING,
    ),
}


async def first_wrong_end(run: Run, stages: Mapping[str, Stage] = STAGES) -> int | None:
    for seed in range(MOST_RUNS):
        if await run.ends_wrong(seed, stages):
            return seed
    return None


@pytest.mark.parametrize(("steps", "run"), STEPS.values(), ids=STEPS)
async def test_a_wrong_step_ends_wrong(steps, run):
    with broken.exchanged(steps):
        assert await first_wrong_end(run) is not None


@pytest.mark.parametrize(("stages", "run"), BROKEN_STAGES.values(), ids=BROKEN_STAGES)
async def test_a_broken_stage_ends_wrong(stages, run):
    assert await first_wrong_end(run, {**STAGES, **stages}) is not None


async def test_a_radius_that_is_never_written_again_ends_wrong():
    def first_only(blend, point):
        return {} if state.RADIUS in point.payload else {state.RADIUS: blend.around.radius}

    with patch.object(importlib.import_module("streams.stages.blend").Blend, "record", first_only):
        assert await first_wrong_end(QUIET) is not None


@pytest.mark.parametrize("run", [QUIET, CRASHING], ids=["quiet", "crashing"])
async def test_the_same_steps_in_their_order_end_right(run):
    with broken.exchanged(broken.Steps):
        assert [seed for seed in range(12) if await run.ends_wrong(seed)] == []
