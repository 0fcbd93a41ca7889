"""Step charts, by hand."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from streams.web.catalogue.answers import PricePoint
from streams.web.catalogue.chart import HEIGHT, MOST_LINES, WIDTH, step_chart

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC).timestamp()
HOUR = 3_600.0


def points(*told: tuple[float, str | None], currency: str = "EUR") -> list[PricePoint]:
    return [
        PricePoint(
            since=datetime.fromtimestamp(NOON + hours * HOUR, UTC).isoformat(),
            price=price,
            currency=currency if price else None,
        )
        for hours, price in told
    ]


def test_a_price_stands_until_the_next_one() -> None:
    chart = step_chart("EUR", {"a": points((0, "10"), (5, "20")), "b": points((2, "20"))}, NOON + 10 * HOUR)
    assert chart is not None
    # from 64 to 628 in ten hours; 8.8 to 21.2 from 192 up to 12
    assert [line.path for line in chart.lines] == ["M64 174.6H346V29.4H628", "M176.8 29.4H628"]
    assert [(tick.label, tick.at) for tick in chart.prices] == [("10.00", 174.6), ("15.00", 102.0), ("20.00", 29.4)]
    assert [tick.label for tick in chart.times] == ["12:00", "17:00", "22:00"]


def test_nothing_is_drawn_where_nothing_was_asked() -> None:
    told = points((0, "10"), (2, None), (4, "10"))
    chart = step_chart("EUR", {"a": told, "b": points((0, "3"), currency="USD")}, NOON + 10 * HOUR)
    assert chart is not None
    assert [line.path for line in chart.lines] == ["M64 102H176.8M289.6 102H628"]
    assert step_chart("GBP", {"a": told}, NOON) is None


def test_of_many_offers_the_first_are_drawn() -> None:
    chart = step_chart("EUR", {str(n): points((0, str(n + 1))) for n in range(20)}, NOON + HOUR)
    assert chart is not None
    assert [line.place for line in chart.lines] == list(range(1, MOST_LINES + 1))


@given(
    st.lists(st.tuples(st.floats(-1e4, 1e4), st.none() | st.decimals(0, 10**12, places=2).map(str)), max_size=8),
    st.floats(-1e4, 1e4),
)
def test_all_of_it_is_inside(told, now) -> None:
    chart = step_chart("EUR", {"a": points(*sorted(told, key=lambda one: one[0]))}, NOON + now * HOUR)
    for line in chart.lines if chart else ():
        for part in line.path.replace("M", " M").replace("H", " H").replace("V", " V").split():
            number = float(part.lstrip("MHV"))
            assert 0 <= number <= (HEIGHT if part.startswith("V") else WIDTH)
