"""Where everything is wired: from settings to stages that are ready to run."""

from streams.bootstrap.outbox import KafkaOutbox
from streams.bootstrap.wiring import Assembled, Parts, assembled

__all__ = ["Assembled", "KafkaOutbox", "Parts", "assembled"]
