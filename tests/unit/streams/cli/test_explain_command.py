"""What `matchstream explain` prints of what models see on photos."""

from fakes.explaining import indexed
from fakes.web import Shop, listing

from encoders.types import Generated, Tag
from streams.cli.explain import _sides, _words
from streams.stages.explaining import decided
from streams.web.explaining.asking import Rulebook


def test_tags_and_captions_stand_side_by_side(tmp_path) -> None:
    shop = Shop(tmp_path)
    seen = {
        "a": Generated("a red mug", {"colour": Tag("red", 0.93), "use": Tag("kitchen", 0.6)}),
        "b": Generated(None, {"colour": Tag("blue", 0.81), "use": Tag("kitchen", 0.7)}),
    }
    indexed(shop, listing("a"), listing("b"), generated=seen)
    assert shop.live is not None
    points = shop.live.reader._stored  # type: ignore[attr-defined]
    found = decided(*(points[name].point(name, ["raw", "blended"]) for name in "ab"), Rulebook().of(shop.live.bundle))
    columns = [list(column.cells) for column in _sides(found).columns]
    rows = {name: [one, other] for name, one, other in zip(*columns, strict=True)}
    assert rows["photo, says a model"] == ["a red mug", ""]
    assert rows["colour on the photo"] == ["red 0.93", "blue 0.81"]
    assert "photos, as a model sees them: agree in use; differ in colour" in _words(found)
    assert found.to_json()["tags"][0]["agree"] is False
    assert found.to_json()["generated"][0]["caption"] == "a red mug"
