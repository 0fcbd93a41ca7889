"""A clock that goes when it is told to."""


class Clock:
    """Called, it tells the seconds; `pass_s` lets some of them pass."""

    def __init__(self, now: float = 1_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += seconds
