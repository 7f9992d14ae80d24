"""`kafka.properties` as the configuration has it: the names that are known, what is refused, and values looked up.

Every librdkafka property may be passed through, but for those that would break a promise of ours and those that run
code, read files or call URLs. Names, roles and aliases are those of librdkafka 2.16 (CONFIGURATION.md, and the aliases
and hidden names of its rdkafka_conf.c); an unknown name is left to librdkafka, which refuses it. Nothing here imports
confluent-kafka: a config can be checked without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, Literal

from greenflash_kafka.documents.given_values import ForbiddenProperty, as_text, is_reference, resolve_values

GroupProtocol = Literal["classic", "consumer"]

ALIASES: Final[Mapping[str, str]] = {
    "metadata.broker.list": "bootstrap.servers",
    "sasl.mechanism": "sasl.mechanisms",
    "sasl.oauthbearer.client.credentials.client.id": "sasl.oauthbearer.client.id",
    "sasl.oauthbearer.client.credentials.client.secret": "sasl.oauthbearer.client.secret",
    "fetch.message.max.bytes": "max.partition.fetch.bytes",
    "max.in.flight": "max.in.flight.requests.per.connection",
    "queue.buffering.max.ms": "linger.ms",
    "retries": "message.send.max.retries",
    "compression.type": "compression.codec",
    "request.required.acks": "acks",
    "message.timeout.ms": "delivery.timeout.ms",
    "auto.commit.enable": "enable.auto.commit",
}
"""Other names of one property, and the one that we use: if both are set, the last one would silently win."""

SECRETS: Final = frozenset(
    {
        "sasl.password",
        "ssl.key.password",
        "ssl.key.pem",
        "ssl.keystore.password",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.client.credentials.client.secret",
        "sasl.oauthbearer.assertion.private.key.passphrase",
        "sasl.oauthbearer.assertion.private.key.pem",
    }
)
"""Properties whose value must come from the environment or a file."""

CONSUMER_ONLY: Final = frozenset(
    [
        "group.instance.id",
        "session.timeout.ms",
        "heartbeat.interval.ms",
        "group.remote.assignor",
        "coordinator.query.interval.ms",
        "max.poll.interval.ms",
        "max.poll.records",
        "queued.min.messages",
        "queued.max.messages.kbytes",
        "fetch.wait.max.ms",
        "fetch.queue.backoff.ms",
        "max.partition.fetch.bytes",
        "fetch.max.bytes",
        "fetch.min.bytes",
        "fetch.error.backoff.ms",
        "share.acknowledgement.mode",
        "consume.callback.max.messages",
    ]
)
PRODUCER_ONLY: Final = frozenset(
    [
        "queue.buffering.max.messages",
        "queue.buffering.max.kbytes",
        "linger.ms",
        "queue.buffering.backpressure.threshold",
        "compression.codec",
        "compression.level",
        "request.timeout.ms",
        "queuing.strategy",
        "partitioner",
        "sticky.partitioning.linger.ms",
        "transaction.timeout.ms",
    ]
)
"""Properties of one role: a client of the other kind would print a warning for each at every start."""

_IN_A_SHELL: Final = ("sasl.kerberos.keytab", "sasl.kerberos.principal")
"""Properties that librdkafka puts into the command line of kinit, which a shell runs."""
_OF_CLASSIC_GROUPS: Final = ("session.timeout.ms", "heartbeat.interval.ms")
"""Properties that are the broker's under KIP-848, and that librdkafka then refuses."""

_CODE: Final = "runs code from a configuration"
_REACHES: Final = "reads files or calls URLs that a configuration names"
_OWNED: Final = "is set by greenflash-kafka"
_CALLBACK: Final = "is a function, not a setting"
_UNKNOWN: Final = "is not for configurations"
_REFUSALS: Final = (
    ("sasl.kerberos.kinit.cmd", _CODE, "run kinit outside, beside this process"),
    ("plugin.library.paths interceptors ssl_engine_callback_data ssl.providers", _CODE, "remove it"),
    (
        "ssl.engine.location ssl.engine.id",
        _CODE,
        "give key and certificate by ssl.key.location and ssl.certificate.location",
    ),
    ("sasl.oauthbearer.token.endpoint.url", _REACHES, "set kafka.oauth_token_url (https only)"),
    (
        "sasl.oauthbearer.assertion.file sasl.oauthbearer.assertion.private.key.file",
        _REACHES,
        "use sasl.oauthbearer.assertion.private.key.pem with ${file:/path}",
    ),
    (
        "sasl.oauthbearer.assertion.jwt.template.file",
        _REACHES,
        "use the sasl.oauthbearer.assertion.claim.* settings",
    ),
    (
        "enable.sasl.oauthbearer.unsecure.jwt",
        "accepts tokens that nobody signed",
        "use sasl.oauthbearer.method: oidc with kafka.oauth_token_url",
    ),
    ("debug", "prints what travels between client and broker", "set log.level: debug for our own log"),
    ("bootstrap.servers", _OWNED, "set kafka.bootstrap_servers"),
    ("group.id", _OWNED, "set kafka.group"),
    ("group.protocol", _OWNED, "set kafka.group_protocol to classic or consumer"),
    ("group.protocol.type produce.offset.report log.queue enabled_events", _OWNED, "remove it"),
    ("partition.assignment.strategy", _OWNED, "set kafka.assignor"),
    (
        "enable.auto.commit enable.auto.offset.store",
        _OWNED,
        "offsets are committed only after delivery, by the pipeline; remove it",
    ),
    ("auto.commit.interval.ms", _OWNED, "set commit_seconds"),
    (
        "offset.store.method offset.store.path offset.store.sync.interval.ms",
        _OWNED,
        "remove it: offsets are kept by the group, on the broker",
    ),
    ("auto.offset.reset", _OWNED, "set kafka.start for a new group, kafka.on_missing_offsets for lost offsets"),
    ("isolation.level", _OWNED, "remove it: only committed transactions are read"),
    ("check.crcs", _OWNED, "remove it: checksums are always checked"),
    ("enable.partition.eof", _OWNED, "remove it; --until-idle ends a run at the end of the topics"),
    ("allow.auto.create.topics", _OWNED, "create topics yourself; greenflash-kafka never does"),
    (
        "acks enable.idempotence enable.gapless.guarantee max.in.flight.requests.per.connection "
        "delivery.report.only.error",
        _OWNED,
        "dead letters are always written with acks=all and confirmed before a commit; remove it",
    ),
    (
        "delivery.timeout.ms message.send.max.retries",
        _OWNED,
        "remove it: a failed dead-letter write is tried again without limit",
    ),
    ("message.max.bytes", _OWNED, "set max.message.bytes on the dead-letter topic; it decides what is too large"),
    (
        "batch.size batch.num.messages",
        _OWNED,
        "remove it: batches follow the dead-letter topic's max.message.bytes",
    ),
    ("transactional.id", _OWNED, "remove it: the dead-letter producer has no transactions"),
    ("logger", _OWNED, "set log.format and log.level"),
    ("msg_order_cmp opaque on_commit on_delivery", _CALLBACK, "remove it"),
    ("default_topic_conf default.topic.config", _OWNED, "write the topic properties directly"),
    ("ssl_key", _UNKNOWN, "use ssl.key.pem"),
    ("ssl_ca", _UNKNOWN, "use ssl.ca.pem"),
    ("ssl_certificate", _UNKNOWN, "use ssl.certificate.pem"),
)
_REFUSED: Final = {name: (reason, instead) for names, reason, instead in _REFUSALS for name in names.split()}

_NAME: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")
_PLAIN: Final = re.compile(r"[A-Za-z0-9@._:/+-]+")


def check(
    properties: Mapping[str, object], *, group_protocol: GroupProtocol = "classic", insecure: bool = False
) -> tuple[ForbiddenProperty, ...]:
    """Everything in `kafka.properties` that can't be used, in the order written; empty when all is well.

    `insecure` is our own explicit flag: only with it may certificate verification be switched off.
    """
    return tuple(_findings(properties, group_protocol, insecure))


def warnings(properties: Mapping[str, object]) -> tuple[str, ...]:
    """Settings that work but should not be used, one line each."""
    named = {ALIASES.get(key, key): as_text(value) for key, value in properties.items()}
    protocol = named.get("security.protocol", "plaintext").strip().lower()
    mechanism = named.get("sasl.mechanisms", "GSSAPI").strip().upper()
    found = []
    if protocol == "sasl_plaintext" and mechanism == "PLAIN":
        found.append(
            "kafka.properties: sasl.mechanism PLAIN over sasl_plaintext sends the password readable over the network; "
            "set security.protocol to sasl_ssl"
        )
    if not _verifies(named):
        found.append(
            "kafka.properties: the broker's certificate is not verified; anyone in between can read and change messages"
        )
    return tuple(found)


def resolve(
    properties: Mapping[str, object], environ: Mapping[str, str]
) -> tuple[dict[str, str], tuple[ForbiddenProperty, ...]]:
    """Turn what the config says into what librdkafka takes; returns the values and what couldn't be looked up. See
    `given_values.resolve_values`."""
    return resolve_values(properties, environ, refusal_of_value)


def refusal_of(key: str) -> tuple[str, str] | None:
    """`(why, what instead)` when a property of this name is refused whatever its value, else None.

    Only plain lower-case names get through, so a capital or a blank can't carry a refused name past this list.
    """
    plain = key.strip().lower()
    refused = _REFUSED.get(ALIASES.get(plain, plain))
    if refused is not None:
        return refused
    if not _NAME.fullmatch(key):
        return "is not a librdkafka property name", "write it in lowercase, without spaces, like ssl.ca.location"
    if key.endswith("_cb"):
        return _CALLBACK, "remove it"
    if key.startswith(("test.mock.", "ut_")):
        return "replaces the real broker by one made for tests", "use greenflash-kafka demo"
    return None


def refusal_of_value(key: str, value: str) -> tuple[str, str] | None:
    """`(why, what instead)` when this property can't have this value, else None; the value is never part of it."""
    if key in _IN_A_SHELL and not _PLAIN.fullmatch(value):
        return "becomes part of a shell command and has other characters than A-Z a-z 0-9 @ . _ : / + -", "rename it"
    return None


def _findings(properties: Mapping[str, object], protocol: GroupProtocol, insecure: bool) -> Iterator[ForbiddenProperty]:
    seen: dict[str, str] = {}
    for key, value in properties.items():
        refused = refusal_of(key)
        name = ALIASES.get(key, key)
        if refused is None:
            if name in seen:
                yield ForbiddenProperty(key, f"is the same property as {seen[name]!r}", "keep one of the two")
            seen[name] = key
            refused = _wrong_with(key, value, protocol, insecure)
        if refused is not None:
            yield ForbiddenProperty(key, *refused)


def _wrong_with(key: str, value: object, protocol: GroupProtocol, insecure: bool) -> tuple[str, str] | None:
    """`(why, what instead)` when a property of a name that is taken can't be used."""
    name, text = ALIASES.get(key, key), as_text(value)
    if not isinstance(value, str | int | float) or text == "":
        return "needs a text, number, true or false", "write one value, or remove the line"
    if key in SECRETS and not is_reference(value):
        return (
            "is a secret and stands readable in the configuration",
            "write ${NAME} for an environment variable (or NAME_FILE), or ${file:/path} for a file",
        )
    if protocol == "consumer" and name in _OF_CLASSIC_GROUPS:
        return (
            "is the broker's to set under kafka.group_protocol: consumer",
            "set group.consumer.session.timeout.ms and its like on the broker, or use group_protocol: classic",
        )
    if not is_reference(value) and (unfit := refusal_of_value(key, text)) is not None:
        return unfit
    if not insecure and not _verifies({name: text}):
        return (
            "would switch off the verification of the broker's certificate",
            "give its CA in ssl.ca.location, or, for a test only, set kafka.insecure_tls: true",
        )
    return None


def _verifies(named: Mapping[str, str]) -> bool:
    # What librdkafka takes as true and as https; anything else is treated as switching verification off.
    verification = named.get("enable.ssl.certificate.verification", "true").strip().lower()
    identification = named.get("ssl.endpoint.identification.algorithm", "https").strip().lower()
    return verification in ("true", "t", "1") and identification == "https"
