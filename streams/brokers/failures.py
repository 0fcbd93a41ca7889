"""What Kafka's clients raise, said in one line of ours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from aiokafka.errors import (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    InvalidTimestampError,
    KafkaConnectionError,
    KafkaError,
    MessageSizeTooLargeError,
    PolicyViolationError,
    RecordTooLargeError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnknownError,
    UnsupportedSaslMechanismError,
)

from streams.brokers.topics import MESSAGE_BYTES
from streams.errors import BrokerError, BrokerUnavailableError, MessageRefusedError
from streams.settings import Settings

__all__ = ["REJECTED", "TOO_LARGE", "broker_errors", "rejected", "too_large"]

TOO_LARGE = (MessageSizeTooLargeError, RecordTooLargeError)
"""What a producer raises for a message that is larger than it may send."""

REJECTED = (InvalidTimestampError, MessageSizeTooLargeError, PolicyViolationError, UnknownError)
"""What brokers answer to a message they will never take; to one that lacks a key, with a code unknown to the client."""

_REFUSED = (
    AuthenticationFailedError,
    AuthenticationMethodNotSupported,
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    SaslAuthenticationFailed,
    TopicAuthorizationFailedError,
    UnsupportedSaslMechanismError,
)
_START_ONE = (
    "start one with 'make kafka' or 'docker compose up -d kafka', or say where it is in MATCHSTREAM_BROKERS"
    " (and in MATCHSTREAM_KAFKA_SECURITY_PROTOCOL if it wants TLS or a password)"
)
_CHECK_LOGIN = (
    "check that it runs, and the settings MATCHSTREAM_KAFKA_USERNAME, _PASSWORD, _SASL_MECHANISM, _CA_FILE,"
    " _CERTIFICATE_FILE and _KEY_FILE"
)


@contextmanager
def broker_errors(settings: Settings) -> Iterator[None]:
    """Turn what Kafka's clients raise into one line of ours.

    Raises:
        BrokerUnavailableError: no broker answers.
        BrokerError: a broker answers and refuses.
    """
    try:
        yield
    except _REFUSED as error:
        raise _refused(settings, error) from error
    except (KafkaError, OSError, TimeoutError) as error:
        raise _unavailable(settings, error) from error


def too_large(topic: str, key: bytes | None, value: bytes | None) -> MessageRefusedError:
    """A message that is larger than may be sent."""
    return MessageRefusedError(
        f"{_named(key)} for topic '{topic}'",
        got=f"{len(value or b'')} bytes",
        wanted=f"at most {MESSAGE_BYTES}",
        remedy="send the image by URL or path, not inside the listing",
    )


def rejected(topic: str, key: bytes | None, error: Exception) -> MessageRefusedError:
    """A message that the brokers will never take."""
    return MessageRefusedError(
        f"{_named(key)} for topic '{topic}'",
        got=f"rejected by the broker ({type(error).__name__})",
        wanted="a message the topic takes",
        remedy="a compacted topic takes none without a key; see the broker's log for other reasons",
    )


def _named(key: bytes | None) -> str:
    return "a message without key" if key is None else f"message '{key.decode(errors='replace')}'"


def _unavailable(settings: Settings, error: Exception) -> BrokerUnavailableError:
    got = f"no answer over {settings.kafka_security_protocol}"
    if settings.kafka_security_protocol.startswith("SASL"):
        got = f"{got} for user '{settings.kafka_username}'"
    if not isinstance(error, TimeoutError | KafkaConnectionError):
        got = f"{got} ({type(error).__name__})"
    # A broker that refuses a password or a certificate hangs up without a word.
    remedy = _START_ONE if settings.kafka_security_protocol == "PLAINTEXT" else _CHECK_LOGIN
    return BrokerUnavailableError(f"broker {settings.brokers}", got=got, wanted="a Kafka broker", remedy=remedy)


def _refused(settings: Settings, error: Exception) -> BrokerError:
    who = "nobody" if settings.kafka_username is None else f"user '{settings.kafka_username}'"
    return BrokerError(
        f"broker {settings.brokers}",
        got=f"{who} refused ({type(error).__name__})",
        wanted="a user it lets in",
        remedy="check MATCHSTREAM_KAFKA_USERNAME, _PASSWORD and _SASL_MECHANISM, and what that user may do",
    )
