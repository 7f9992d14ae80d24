"""Errors of the Kafka client in words: of its connections, of its settings, and of the group that it joins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.errors import ConfigInvalid, GreenflashKafkaError, SourceFailed
from greenflash_kafka.redaction import Redactor, visible
from greenflash_kafka.source.given_properties import SECRETS
from greenflash_kafka.source.properties import ClientSettings

_TOKEN: Final = (
    "Check kafka.oauth_token_url, sasl.oauthbearer.client.id, the secret, and this machine's clock; "
    "an authority of your own for that address belongs into https.ca.location"
)
_TRUST: Final = (
    "The authority that signed the broker's certificate must be in ssl.ca.location, the certificate must be for the "
    "host name in kafka.bootstrap_servers (and for the names that the brokers advertise), and it must not have expired"
)
_ADVICE: Final = (
    ("OAUTHBEARER token", _TOKEN),
    ("certificate verify failed", _TRUST),
    ("PLAINTEXT broker listener", "Name the brokers' TLS port, or correct security.protocol in kafka.properties"),
    (
        "alert",
        "The broker refuses this client's certificate: check that ssl.certificate.location and ssl.key.location name "
        "one that its authority has signed and that has not expired",
    ),
)
_PASSWORD: Final = "Check sasl.mechanism, sasl.username and sasl.password (and the variables or files they come from)"
_NOTHING: Final = (
    "Check kafka.bootstrap_servers, the network, and security.protocol in kafka.properties: if the port expects "
    "TLS and the client uses plaintext, or the other way round, the connection gets no response"
)
_OTHERWISE: Final = (
    "Check kafka.bootstrap_servers, the network, and security.protocol, TLS and SASL in kafka.properties"
)

UNREADABLE: Final = frozenset({KafkaError._BAD_MSG, KafkaError._BAD_COMPRESSION, KafkaError._NOT_IMPLEMENTED})
"""Errors of a batch: its checksum is wrong, or it is packed or written in a way that the client doesn't know."""

_REFUSALS: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,
        KafkaError._SSL,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
"""Errors of authentication or authorization, as opposed to those of reachability."""

_OTHER_ASSIGNOR = (
    "the group refuses this member: the others use another assignor or protocol. Set kafka.assignor and "
    "kafka.group_protocol to what they use (range is the Java client's old default), or stop all of them first"
)
_OTHER_INSTANCE = (
    "another member of the group has the same group.instance.id, and has taken this one's place or keeps it. Give each "
    "process its own, or remove it from kafka.properties"
)
_NO_SUCH_PROTOCOL = (
    "the group's coordinator has kafka.group_protocol: consumer (KIP-848) switched off, by its feature group.version "
    "or its setting group.coordinator.rebalance.protocols. Set kafka.group_protocol: classic"
)
_UNSUPPORTED = KafkaError(KafkaError.UNSUPPORTED_VERSION).str()
_IN_WORDS = {
    KafkaError.INCONSISTENT_GROUP_PROTOCOL: _OTHER_ASSIGNOR,
    KafkaError.FENCED_INSTANCE_ID: _OTHER_INSTANCE,
    KafkaError.UNRELEASED_INSTANCE_ID: _OTHER_INSTANCE,
}


class ConnectionDiagnosis:
    """The client's `error_cb`: keeps the last log lines, without the secrets of its properties."""

    def __init__(self, properties: Mapping[str, str]) -> None:
        self._redact = redactor_for(properties)
        self._plaintext = properties.get("security.protocol", "plaintext").strip().lower().endswith("plaintext")
        self._last: KafkaError | None = None

    def note(self, error: KafkaError) -> None:
        """Callback of the client, while it is polled."""
        if error.code() != KafkaError._ALL_BROKERS_DOWN:
            self._last = error

    @property
    def refused(self) -> bool:
        """True if a server has responded and rejects this client, or isn't the expected one: waiting longer is
        useless."""
        last = self._last
        return last is not None and (last.code() in _REFUSALS or _advice(last.str()) is not None)

    def words(self, otherwise: str) -> tuple[str, str]:
        """The error (`otherwise` if the client logged nothing of its own), and the next step."""
        if self._last is None:
            return otherwise, _NOTHING if self._plaintext else _OTHERWISE
        text = self._last.str()
        advice = _advice(text) or (_PASSWORD if self._last.code() in _REFUSALS else _OTHERWISE)
        return visible(self._redact(text))[:500], advice


def redactor_for(properties: Mapping[str, str]) -> Redactor:
    """A redactor of the secrets in these properties."""
    return Redactor(value for name, value in properties.items() if name in SECRETS)


def _advice(text: str) -> str | None:
    return next((advice for part, advice in _ADVICE if part in text), None)


@contextmanager
def settings_refused(settings: ClientSettings) -> Iterator[None]:
    """A context in which a client is made: its error becomes `ConfigInvalid`, without any secret of the settings."""
    try:
        yield
    except KafkaException as error:
        said = str(error.args[0].str())
        said = redactor_for(settings.properties)(said)
        raise ConfigInvalid(f"the Kafka client refuses its settings: {said}. Correct kafka.properties") from None


def group_refused(error: KafkaError) -> GreenflashKafkaError | None:
    """The error that ends the process when the client reports this: `ConfigInvalid` where the configuration can fix it,
    `SourceFailed` for other fatal errors; None for an error that the client retries by itself."""
    words = _IN_WORDS.get(error.code())
    # The event by which the client says that it has given up isn't marked as fatal itself.
    fatal = error.fatal() or error.code() == KafkaError._FATAL
    if fatal and "ConsumerGroupHeartbeat" in error.str() and _UNSUPPORTED in error.str():
        words = _NO_SUCH_PROTOCOL
    if fatal and words is None:
        # The code of a fatal error is its own; the reason stands in its text.
        words = next((said for code, said in _IN_WORDS.items() if KafkaError(code).str() in error.str()), None)
    if words is not None:
        return ConfigInvalid(f"{words} ({error.str()})")
    return SourceFailed(f"the Kafka client gave up: {error.str()}") if fatal else None


def notice_of(error: KafkaError) -> str:
    """The notice that reports an error of the client, which retries by itself."""
    if error.code() in UNREADABLE:
        return "batch_unreadable"
    return "kafka_refused" if error.code() in _REFUSALS else "kafka_error"


def error_text(error: KafkaException) -> str:
    """librdkafka's name and text of an error."""
    inner = error.args[0]
    return f"{inner.name()}: {inner.str()}"
