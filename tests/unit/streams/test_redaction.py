import json
import string
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.redaction import MASK, Redactor, passwords_in, without_login

SECRETS = st.text(st.characters(), min_size=4, max_size=40).filter(lambda one: len(" ".join(one.split())) >= 4)
AROUND = st.text(alphabet=string.digits + " ,.;", max_size=20)
FORMS = {
    "as it is": lambda secret: secret,
    "in a string": lambda secret: repr({"password": secret}),
    "beside a quote": lambda secret: repr(f"{secret}\"'"),
    "in bytes": lambda secret: repr(b"\x00shop\x00" + secret.encode("utf-8", "replace")),
    "in JSON": lambda secret: json.dumps({"password": secret}),
    "in a query": lambda secret: f"?key={quote(secret.encode('utf-8', 'replace'), safe='')}",
    "on one line": lambda secret: " ".join(secret.split()),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(secret=SECRETS, before=AROUND, after=AROUND)
def test_a_secret_is_taken_out_in_whatever_form_it_stands(form, secret, before, after):
    shown = Redactor([secret])(f"{before}{form(secret)}{after}")
    if not set(form(secret)) & set(MASK):
        assert form(secret) not in shown
    assert MASK in shown or "://" in form(secret)


@given(text=st.text(max_size=200))
def test_without_secrets_and_urls_a_text_is_left_as_it_is(text):
    assert Redactor()(text.replace("://", "")) == text.replace("://", "")


def test_the_longer_of_two_secrets_goes_first():
    assert Redactor(["open", "opensesame"])("opensesame, open") == f"{MASK}, {MASK}"


def test_a_secret_too_short_to_tell_from_words_is_not_looked_for():
    assert Redactor(["abc"])("abc") == "abc"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:hush@host:6333/x@y", "https://host:6333/x@y"),
        ("https://me:hu@sh@host/", "https://host/"),
        ("GET http://hush@host, then ftp://a:b@c", "GET http://host, then ftp://c"),
        ('{"url":"https://host","mail":"me@host"}', '{"url":"https://host","mail":"me@host"}'),
        ("host-a:9092,host-b:9092", "host-a:9092,host-b:9092"),
        ("https://host/?mail=me@host", "https://host/?mail=me@host"),
    ],
)
def test_a_login_is_left_out_of_urls_and_nothing_else(text, shown):
    assert without_login(text) == shown
    assert Redactor()(text) == shown


def test_passwords_of_urls_are_known_as_written_and_as_meant():
    assert set(passwords_in("https://me:hu%40sh@host http://you@there")) == {"hu%40sh", "hu@sh", ""}
