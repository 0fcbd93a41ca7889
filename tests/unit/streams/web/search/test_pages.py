"""The page of search and its interface, over an index that sees colours."""

import re
from pathlib import Path

import pytest
from fakes.colours import ColourEncoder, colour_shop
from fakes.hostile_texts import TITLES
from fakes.web import Shop

from encoders.errors import ModelMissingError

BLUE_LAMP, HTML = "blue-lamp.png", {"Accept": "text/html"}


@pytest.fixture
async def shop(tmp_path: Path) -> Shop:
    return await colour_shop(tmp_path)


def names(page: str) -> list[str]:
    return re.findall(r'class="name">([^<]+)<', page)


def test_words_find_and_the_address_asks_for_the_same(shop: Shop) -> None:
    found = shop.client().post("/find", data={"words": "red lamp"}, headers={"HX-Request": "true"})
    assert names(found.text)[0] == "red lamp"
    again = shop.client().get(found.headers["HX-Push-Url"])
    assert names(again.text) == names(found.text)
    assert 'value="red lamp"' in again.text


def test_a_photo_finds_what_looks_like_it_and_words_change_it(shop: Shop) -> None:
    photo = {"photo": ("blue.png", (shop.folder / BLUE_LAMP).read_bytes(), "image/png")}
    alone = shop.client().post("/search", files=photo).json()["products"]
    assert alone[0]["product_id"].startswith("blue")
    changed = shop.client().post("/search", files=photo, data={"words": "red", "strength": "0.7"}).json()["products"]
    assert changed[0]["product_id"] == "red-lamp"


def test_filters_and_prices(shop: Shop) -> None:
    asked = {"words": "red", "category": "chair"}
    assert {one["product_id"] for one in shop.client().get("/search", params=asked).json()["products"]} <= {
        "red-chair",
        "green-chair",
        "blue-chair",
    }
    cheap = shop.client().get("/search", params={"words": "red", "currency": "EUR", "most": "20"}).json()["products"]
    assert cheap
    assert all(one["listings"][0]["price"] == "10.00" for one in cheap)
    no_currency = shop.client().get("/search", params={"words": "red", "most": "20"})
    assert (no_currency.status_code, no_currency.headers["Content-Type"]) == (422, "application/problem+json")


def test_what_is_no_photo_is_said_and_the_form_stays(shop: Shop) -> None:
    answer = shop.client().post("/find", files={"photo": ("x.png", b"no picture", "image/png")}, data={"words": "red"})
    assert answer.status_code == 200
    assert "it can&#39;t be read" in answer.text
    assert 'value="red"' in answer.text


def test_a_path_of_this_machine_is_no_address(shop: Shop) -> None:
    answer = shop.client().get("/search", params={"address": f"../{shop.folder.name}/{BLUE_LAMP}"})
    assert answer.status_code == 422
    assert "http or https" in answer.json()["detail"]


def test_without_an_index_the_page_says_so(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    assert shop.client().get("/search?words=red").status_code == 503
    assert "no worker has it open" in shop.client().get("/find?words=red").text


@pytest.mark.parametrize("words", TITLES.values(), ids=list(TITLES))
def test_hostile_words_stay_words(shop: Shop, words: str) -> None:
    page = shop.client().get("/find", params={"words": words[:1000], "strength": "0.5"})
    assert page.status_code == 200
    assert "<script>alert" not in page.text


async def test_a_bundle_that_is_not_here_is_told_without_its_folder(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def missing(_self: object, _words: str) -> None:
        raise ModelMissingError("minilm", ("/srv/secret/models",), "fetch it")

    monkeypatch.setattr(ColourEncoder, "words", missing)
    answer = shop.client().get("/search?words=red")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "application/problem+json")
    assert "secret" not in answer.text
