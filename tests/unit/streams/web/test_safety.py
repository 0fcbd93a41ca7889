"""Who may write, how often, how much; and what a page of somebody else's can't do."""

from pathlib import Path

import pytest
from fakes.web import TOKEN, Shop

from streams.errors import SettingsError
from streams.settings import Settings
from streams.web.safety.sessions import COOKIE, Sessions


def settings_with(**values: object) -> Settings:
    return Settings(_env_file=None, **values)


def test_a_page_for_others_needs_a_token_that_somebody_chose() -> None:
    with pytest.raises(SettingsError, match="none, and the page is served on"):
        Sessions(settings_with(web_host="0.0.0.0"))  # noqa: S104 - refused is what is shown
    with pytest.raises(SettingsError, match="5 characters"):
        Sessions(settings_with(web_token="short"))  # noqa: S106 - likewise
    assert len(Sessions(settings_with()).token) >= 20


def test_cookies_are_of_their_token(tmp_path: Path) -> None:
    theirs = Sessions(settings_with(web_token="another-token-of-theirs")).cookie_for("another-token-of-theirs", "eve")  # noqa: S106
    client = Shop(tmp_path).client()
    client.cookies.set(COOKIE, str(theirs))
    assert "<span>eve</span>" not in client.get("/").text


def test_an_address_that_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    client = Shop(tmp_path, {"web_rate_per_minute": 8}).client()
    answers = [client.get("/healthz").status_code for _ in range(20)]
    assert set(answers) == {200}  # who watches over the page is not counted
    writes = [client.post("/enter", data={"token": "guess"}) for _ in range(3)]
    assert [one.status_code for one in writes] == [403, 403, 429]
    assert writes[-1].headers["Content-Type"] == "application/problem+json"
    assert int(writes[-1].headers["Retry-After"]) >= 1
    assert [client.get("/nowhere").status_code for _ in range(8)][-1] == 429


def test_a_body_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    client = Shop(tmp_path, {"web_upload_max_bytes": 1_000}).client()
    assert client.post("/enter", content=b"x" * 70_000).status_code == 413
    pieces = (b"x" * 10_000 for _ in range(10))  # no length is stated
    streamed = client.post("/enter", content=pieces, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert streamed.status_code == 413


def test_another_site_cannot_let_somebody_in(tmp_path: Path) -> None:
    form = {"token": TOKEN, "name": "ann"}
    answer = Shop(tmp_path).client().post("/enter", data=form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
