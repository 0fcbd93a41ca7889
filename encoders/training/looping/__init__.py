"""The one training loop: checkpoints that an interrupted run goes on from, early stopping, logs and figures."""

from encoders.training.looping.course import Course, Precision
from encoders.training.looping.folder import RunFolder
from encoders.training.looping.precision import autocast, full_precision
from encoders.training.looping.reports import Outcome
from encoders.training.looping.running import run
from encoders.training.looping.seeds import seed_of
from encoders.training.looping.standing import Reading, Validation
from encoders.training.looping.task import Advance, Group, Progress, Task

__all__ = [
    "Advance",
    "Course",
    "Group",
    "Outcome",
    "Precision",
    "Progress",
    "Reading",
    "RunFolder",
    "Task",
    "Validation",
    "autocast",
    "full_precision",
    "run",
    "seed_of",
]
