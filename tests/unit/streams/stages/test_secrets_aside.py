"""A stage that fails with a secret in its error: none of it is in the dead letter or in the journal."""

from contextlib import suppress

import pytest
from fakes.crashing import record

from streams.events import Message
from streams.redaction import MASK
from streams.secrecy import redactor_of
from streams.settings import Settings, is_secret
from streams.stages.attempts import Attempts
from streams.stages.journals import Journals

PLANTED = {name: f"pl4nted in {name}" for name in Settings.model_fields if is_secret(name)}


class Post:
    """Keeps what is sent."""

    def __init__(self):
        self.letters = []

    async def deliver(self, letters):
        self.letters += letters


@pytest.fixture
def post():
    return Post()


def attempts(tmp_path, post, fail):
    settings = Settings(_env_file=None, qdrant_url="https://me:pl4nted-url@host", **PLANTED)
    journals = Journals(tmp_path)
    return Attempts("match", fail, post, journals, journals.of("match"), redact=redactor_of(settings))


def told(letter):
    ours = {name: value for name, value in letter.headers.items() if name.startswith("matchstream.")}
    return b"\n".join(ours.values()).decode()


@pytest.mark.parametrize("padding", [0, 200, 255, 260, 265])
@pytest.mark.parametrize("secret", [*PLANTED.values(), "pl4nted-url"])
async def test_no_secret_is_in_what_is_said_of_a_failure_wherever_it_is_cut_off(tmp_path, post, secret, padding):
    async def fail(_):
        local = secret
        raise ValueError(f"{'x' * padding}{local} at https://me:pl4nted-too@host") from KeyError(local)

    await attempts(tmp_path, post, fail)([record(0, b"value")])
    [letter] = post.letters
    assert "pl4" not in told(letter)
    assert MASK[:3] in told(letter)
    assert "in fail" in told(letter)


async def test_what_the_seller_wrote_stays_as_it_is(tmp_path, post):
    async def fail(_):
        raise ValueError

    secret = PLANTED["kafka_password"].encode()
    message = Message("listings", b"a", secret, headers={"trace": secret})
    await attempts(tmp_path, post, fail)([message])
    [letter] = post.letters
    assert letter.value == secret
    assert letter.headers["trace"] == secret


async def test_no_secret_is_in_the_journal_however_a_process_ends(tmp_path, post):
    async def fail(_):
        raise KeyboardInterrupt(PLANTED["kafka_password"])

    with suppress(KeyboardInterrupt):
        await attempts(tmp_path, post, fail)([record(0, b"pl4nted")])
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert files
    assert not any(b"pl4" in file.read_bytes() for file in files)
