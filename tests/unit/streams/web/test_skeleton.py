"""The page around its faces: static files, headers, hosts, errors, and the entrance."""

import pytest
from fakes.web import TOKEN, Shop


def test_every_answer_forbids_what_the_page_does_not_bring(shop: Shop) -> None:
    for path in ("/", "/nowhere", "/static/style.css", "/openapi.json"):
        policy = shop.client().get(path).headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["style.css", "page.js", "htmx.js", "sse.js", "icon.svg"])
def test_files_are_served_from_here(shop: Shop, name: str) -> None:
    answer = shop.client().get(f"/static/{name}")
    assert answer.status_code == 200
    assert len(answer.content) > 100


def test_another_name_of_the_host_is_no_way_in(shop: Shop) -> None:
    assert shop.client().get("/", headers={"Host": "evil.example"}).status_code == 400


def test_programs_get_problems_and_people_get_pages(shop: Shop) -> None:
    told = shop.client().get("/nowhere")
    assert (told.status_code, told.headers["Content-Type"]) == (404, "application/problem+json")
    assert told.json()["status"] == 404
    assert "<h1>Not Found</h1>" in shop.client().get("/nowhere", headers={"Accept": "text/html"}).text


def test_who_gives_the_token_gets_a_cookie_that_scripts_and_other_sites_cannot_use(shop: Shop) -> None:
    client = shop.client()
    assert client.post("/enter", data={"token": "wrong", "name": "ann"}).status_code == 403
    answer = client.post(
        "/enter", data={"token": TOKEN, "name": "ann", "then": "//evil.example"}, follow_redirects=False
    )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/review")
    assert {"HttpOnly", "SameSite=strict"} <= set(answer.headers["Set-Cookie"].split("; "))
    assert "<span>ann</span>" in client.get("/").text
    assert client.post("/leave").status_code == 403  # without the word that the page carries
