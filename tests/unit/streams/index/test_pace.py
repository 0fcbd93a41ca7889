"""How much is done before others get a turn."""

from streams.index.pace import Pace


class Clock:
    """Stands still but for what work takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def sizes(pace: Pace, clock: Clock, batch: int, each_s: float) -> list[int]:
    """How many were in each piece when each of them takes so long."""
    found = []
    for piece in pace.pieces(range(batch)):
        with pace.timed(len(piece)):
            clock.now += each_s * len(piece)
        found.append(len(piece))
    return found


def test_pieces_follow_one_another_and_leave_nobody_out():
    pace = Pace(3, 5)
    assert [one for piece in pace.pieces(range(20)) for one in piece] == list(range(20))
    assert list(pace.pieces([])) == []


def test_pieces_grow_while_they_are_quick_and_shrink_when_they_are_slow():
    clock = Clock()
    pace = Pace(2, 64, step_s=0.005, clock=clock)
    quick = sizes(pace, clock, 500, each_s=0.0002)
    assert quick[0] == 2
    assert quick[-2] == 25, "5 ms at 0.2 ms each"
    assert sizes(pace, clock, 200, each_s=0.002)[-2] in (2, 3)


def test_a_piece_has_neither_fewer_nor_more_than_allowed():
    clock = Clock()
    pace = Pace(4, 16, step_s=0.005, clock=clock)
    assert sizes(pace, clock, 400, each_s=0.0)[-2] == 16
    assert sizes(pace, clock, 60, each_s=1.0)[-1] == 4
