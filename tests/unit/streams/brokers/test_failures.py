import pytest
from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaConnectionError,
    KafkaTimeoutError,
    NodeNotReadyError,
    TopicAuthorizationFailedError,
)

from streams.brokers.failures import broker_errors, rejected, too_large
from streams.errors import BrokerError, BrokerUnavailableError, MatchstreamError
from streams.settings import Settings

SECRET = "opensesame"  # noqa: S105 - it must never be shown


def settings(**values):
    return Settings(_env_file=None, **values)


def secured():
    return settings(kafka_security_protocol="SASL_PLAINTEXT", kafka_username="shop", kafka_password=SECRET)


@pytest.mark.parametrize(
    "failure", [KafkaConnectionError("x"), KafkaTimeoutError(), NodeNotReadyError(), TimeoutError(), OSError("x")]
)
def test_no_answer_is_one_retryable_line_with_the_remedy(failure):
    with pytest.raises(BrokerUnavailableError) as caught, broker_errors(settings(brokers="shop:1")):
        raise failure
    assert caught.value.retryable
    assert str(caught.value).startswith("broker shop:1: no answer over PLAINTEXT")
    assert "make kafka" in str(caught.value)
    assert "docker compose up -d kafka" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_answer_over_a_login_tells_what_may_be_wrong_with_it_but_not_the_password():
    said = "no answer over SASL_PLAINTEXT for user 'shop'"
    with pytest.raises(BrokerUnavailableError, match=said) as caught, broker_errors(secured()):
        raise KafkaConnectionError
    assert "MATCHSTREAM_KAFKA_USERNAME" in str(caught.value)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("failure", [AuthenticationFailedError(SECRET), TopicAuthorizationFailedError("listings")])
def test_a_refusal_is_not_retryable_and_never_shows_the_password(failure):
    with pytest.raises(BrokerError, match="user 'shop' refused") as caught, broker_errors(secured()):
        raise failure
    assert not caught.value.retryable
    assert SECRET not in str(caught.value)


def test_errors_of_our_own_pass_unchanged():
    ours = MatchstreamError("this", got="one", wanted="another", remedy="mend it")
    with pytest.raises(MatchstreamError) as caught, broker_errors(settings()):
        raise ours
    assert caught.value is ours


def test_a_message_that_can_not_be_sent_is_named():
    assert str(too_large("listings", b"a", b"x" * 7)).startswith("message 'a' for topic 'listings': 7 bytes, at most")
    assert "a message without key for topic 'listings': rejected by the broker (ValueError)" in str(
        rejected("listings", None, ValueError())
    )
