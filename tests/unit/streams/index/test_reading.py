"""An index that is looked at only."""

import pytest

from encoders.types import Modality
from streams.errors import IndexRefusedError
from streams.index import Change, Query, View
from streams.index.reading import ReadOnlyIndex
from tests.fakes.memory_index import MemoryIndex
from tests.fakes.rows import axis


async def test_it_is_read_as_ever_and_refuses_to_be_written():
    index = MemoryIndex({Modality.TEXT: 4})
    await index.write([Change("a", rows={View.RAW: {Modality.TEXT: axis(4, 0)}}, payload={"x": 1})])
    looked_at = ReadOnlyIndex(index)
    for refused in (looked_at.write([Change("b")]), looked_at.backup("one")):
        with pytest.raises(IndexRefusedError, match="looked at only"):
            await refused
    assert await looked_at.count() == len((await looked_at.page()).points) == 1
    assert (await looked_at.read(["a"], fields=["x"]))["a"].payload == {"x": 1}
    assert [point.listing_id async for point in looked_at.scan()] == ["a"]
    ((hit,),) = await looked_at.search([Query(View.RAW, Modality.TEXT, axis(4, 0), 0.5, 1)])
    assert (hit.listing_id, looked_at.round_trips) == ("a", index.round_trips)
