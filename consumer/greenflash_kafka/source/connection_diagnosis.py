"""Diagnosis of connection failures: the Kafka client's log lines say more than its errors, and give the fix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from confluent_kafka import KafkaError

from greenflash_kafka.redaction import Redactor, visible
from greenflash_kafka.source.property_names import SECRETS

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

REFUSALS: Final = frozenset(
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
        return last is not None and (last.code() in REFUSALS or _advice(last.str()) is not None)

    def words(self, otherwise: str) -> tuple[str, str]:
        """The error (`otherwise` if the client logged nothing of its own), and the next step."""
        if self._last is None:
            return otherwise, _NOTHING if self._plaintext else _OTHERWISE
        text = self._last.str()
        advice = _advice(text) or (_PASSWORD if self._last.code() in REFUSALS else _OTHERWISE)
        return visible(self._redact(text))[:500], advice


def redactor_for(properties: Mapping[str, str]) -> Redactor:
    """A redactor of the secrets in these properties."""
    return Redactor(value for name, value in properties.items() if name in SECRETS)


def _advice(text: str) -> str | None:
    return next((advice for part, advice in _ADVICE if part in text), None)
