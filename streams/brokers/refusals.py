"""Why a broker that is there does not let a client in: told from what a single connection to it raises."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from aiokafka.errors import (
    BrokerResponseError,
    IllegalSaslStateError,
    KafkaConnectionError,
    SaslAuthenticationFailed,
    UnsupportedSaslMechanismError,
)

from streams.errors import BrokerError, BrokerUnavailableError
from streams.settings import Settings

__all__ = ["refusal"]

_TLS_ALERT: Final = 0x1503
"""The first bytes of what a TLS server answers to who does not speak TLS; Kafka's clients read a length there."""
_EXPIRED: Final = 10
_OTHER_HOST: Final = (62, 64)
"""OpenSSL's codes for a certificate that has run out, and for one of another name or address."""
_PROTOCOL: Final = "set MATCHSTREAM_KAFKA_SECURITY_PROTOCOL"
_MAY_BE: Final = {
    "PLAINTEXT": "it may want TLS or a login",
    "SSL": "it may not speak TLS, or want a login",
    "SASL_PLAINTEXT": "it may want TLS, or no login",
    "SASL_SSL": "it may not speak TLS",
}


def refusal(error: Exception, address: str, settings: Settings) -> BrokerError | None:
    """The reason in words, None where nobody answered.

    Args:
        error: what a connection raised, its cause included.
        address: what was connected to.
        settings: how the client talked.
    """
    broker = f"broker {address}"
    cause = error.__cause__ if isinstance(error.__cause__, ssl.SSLError) else error
    match cause:
        case ssl.SSLCertVerificationError():
            return _untrusted(broker, cause)
        case ssl.SSLError() if "CERTIFICATE" in (cause.reason or "") or "UNKNOWN_CA" in (cause.reason or ""):
            return _unwanted(broker, cause, settings)
        case SaslAuthenticationFailed() | UnsupportedSaslMechanismError() | IllegalSaslStateError():
            return _at_the_login(broker, cause, settings)
        case KafkaConnectionError() | ssl.SSLError() | ConnectionResetError():
            return _hung_up(broker, error, settings)
    return None


def _untrusted(broker: str, error: ssl.SSLCertVerificationError) -> BrokerError:
    if error.verify_code == _EXPIRED:
        remedy = "renew the broker's certificate, or mend the clock of this machine"
    elif error.verify_code in _OTHER_HOST:
        remedy = "name the broker in MATCHSTREAM_BROKERS and in its advertised.listeners as its certificate does"
    else:
        remedy = "name the authority that signed it in MATCHSTREAM_KAFKA_CA_FILE"
    got = f"a certificate that can't be trusted ({error.verify_message.strip().rstrip('.')})"
    return BrokerError(broker, got=got, wanted="one that holds for that address", remedy=remedy)


def _unwanted(broker: str, error: ssl.SSLError, settings: Settings) -> BrokerError:
    file = settings.kafka_certificate_file
    reason = (error.reason or "").lower().replace("_", " ")
    return BrokerError(
        broker,
        got="it refused a client without certificate" if file is None else f"it refused the certificate ({reason})",
        wanted="a client certificate of an authority that it knows",
        remedy="set MATCHSTREAM_KAFKA_CERTIFICATE_FILE and _KEY_FILE to one that has not run out",
    )


def _at_the_login(broker: str, error: BrokerResponseError, settings: Settings) -> BrokerError:
    match error:
        case UnsupportedSaslMechanismError():
            return _without_mechanism(broker, settings)
        case IllegalSaslStateError():
            return _without_login(broker, settings)
    return _wrong_login(broker, settings)


def _wrong_login(broker: str, settings: Settings) -> BrokerError:
    return BrokerError(
        broker,
        got=f"user '{settings.kafka_username}' or the password refused over {settings.kafka_sasl_mechanism}",
        wanted="a login that it knows",
        remedy="check MATCHSTREAM_KAFKA_USERNAME, _PASSWORD and _SASL_MECHANISM",
    )


def _without_mechanism(broker: str, settings: Settings) -> BrokerError:
    got = f"no SASL mechanism {settings.kafka_sasl_mechanism} there"
    remedy = "set MATCHSTREAM_KAFKA_SASL_MECHANISM to one of the broker's sasl.enabled.mechanisms"
    return BrokerError(broker, got=got, wanted="one that the broker offers", remedy=remedy)


def _without_login(broker: str, settings: Settings) -> BrokerError:
    plainer = settings.kafka_security_protocol.replace("SASL_", "")
    return BrokerError(
        broker,
        got="a listener that asks for no login",
        wanted=settings.kafka_security_protocol,
        remedy=f"{_PROTOCOL}={plainer}, or name the port of a listener with SASL in MATCHSTREAM_BROKERS",
    )


def _hung_up(broker: str, error: Exception, settings: Settings) -> BrokerError:
    """It is there and answers to something else; also what one does that is about to end."""
    protocol = settings.kafka_security_protocol
    if isinstance(error.__cause__, asyncio.IncompleteReadError) and (error.__cause__.expected or 0) >> 16 == _TLS_ALERT:
        tls = "SASL_SSL" if protocol.startswith("SASL") else "SSL, or to SASL_SSL if it wants a login, too"
        return BrokerError(broker, got="an answer in TLS", wanted=protocol, remedy=f"{_PROTOCOL} to {tls}")
    remedy = f"check MATCHSTREAM_KAFKA_SECURITY_PROTOCOL and the port: {_MAY_BE[protocol]}; its log says more"
    got = f"it hung up on a client that speaks {protocol}"
    return BrokerUnavailableError(broker, got=got, wanted="the protocol of that listener", remedy=remedy)
