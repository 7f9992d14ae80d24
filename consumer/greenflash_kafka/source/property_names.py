"""Names of librdkafka's properties: reserved ones, those that run code, secrets, and aliases.

Source: CONFIGURATION.md of librdkafka 2.16 and the aliases and hidden names of its rdkafka_conf.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

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

IN_A_SHELL: Final = frozenset({"sasl.kerberos.keytab", "sasl.kerberos.principal"})
"""Properties that librdkafka puts into the command line of kinit, which a shell runs."""

CONSUMER_ONLY: Final = frozenset(
    [
        "group.instance.id",
        "session.timeout.ms",
        "heartbeat.interval.ms",
        "group.remote.assignor",
        "coordinator.query.interval.ms",
        "max.poll.interval.ms",
        "queued.min.messages",
        "queued.max.messages.kbytes",
        "fetch.wait.max.ms",
        "fetch.queue.backoff.ms",
        "fetch.message.max.bytes",
        "max.partition.fetch.bytes",
        "fetch.max.bytes",
        "fetch.min.bytes",
        "fetch.error.backoff.ms",
        "max.poll.records",
        "share.acknowledgement.mode",
        "consume.callback.max.messages",
    ]
)
PRODUCER_ONLY: Final = frozenset(
    [
        "queue.buffering.max.messages",
        "queue.buffering.max.kbytes",
        "queue.buffering.max.ms",
        "linger.ms",
        "queue.buffering.backpressure.threshold",
        "compression.codec",
        "compression.type",
        "compression.level",
        "request.timeout.ms",
        "queuing.strategy",
        "partitioner",
        "sticky.partitioning.linger.ms",
        "transaction.timeout.ms",
    ]
)
"""Properties of one role: a client of the other kind would print a warning for each at every start."""

_CODE = "runs code from a configuration"
_REACHES = "reads files or calls URLs that a configuration names"
_OWNED = "is set by greenflash-kafka"
_CALLBACK = "is a function, not a setting"
_COMMITS = "offsets are committed only after delivery, by the pipeline; remove it"
_TOKEN_URL = "set kafka.oauth_token_url (https only)"
_SAFE_WRITES = "dead letters are always written with acks=all and confirmed before a commit; remove it"

_REFUSED: Final[Mapping[str, tuple[str, str]]] = {
    "sasl.kerberos.kinit.cmd": (_CODE, "run kinit outside, beside this process"),
    "plugin.library.paths": (_CODE, "remove it"),
    "interceptors": (_CODE, "remove it"),
    "ssl.engine.location": (_CODE, "give key and certificate by ssl.key.location and ssl.certificate.location"),
    "ssl.engine.id": (_CODE, "give key and certificate by ssl.key.location and ssl.certificate.location"),
    "ssl_engine_callback_data": (_CODE, "remove it"),
    "ssl.providers": (_CODE, "remove it"),
    "sasl.oauthbearer.token.endpoint.url": (_REACHES, _TOKEN_URL),
    "sasl.oauthbearer.assertion.file": (_REACHES, "use sasl.oauthbearer.assertion.private.key.pem with ${file:/path}"),
    "sasl.oauthbearer.assertion.private.key.file": (
        _REACHES,
        "use sasl.oauthbearer.assertion.private.key.pem with ${file:/path}",
    ),
    "sasl.oauthbearer.assertion.jwt.template.file": (_REACHES, "use the sasl.oauthbearer.assertion.claim.* settings"),
    "enable.sasl.oauthbearer.unsecure.jwt": (
        "accepts tokens that nobody signed",
        "use sasl.oauthbearer.method: oidc with kafka.oauth_token_url",
    ),
    "debug": ("prints what travels between client and broker", "set log.level: debug for our own log"),
    "bootstrap.servers": (_OWNED, "set kafka.bootstrap_servers"),
    "metadata.broker.list": (_OWNED, "set kafka.bootstrap_servers"),
    "group.id": (_OWNED, "set kafka.group"),
    "group.protocol": (_OWNED, "set kafka.group_protocol to classic or consumer"),
    "group.protocol.type": (_OWNED, "remove it"),
    "partition.assignment.strategy": (_OWNED, "set kafka.assignor"),
    "enable.auto.commit": (_OWNED, _COMMITS),
    "auto.commit.enable": (_OWNED, _COMMITS),
    "auto.commit.interval.ms": (_OWNED, "set commit_seconds"),
    "enable.auto.offset.store": (_OWNED, _COMMITS),
    "offset.store.method": (_OWNED, "remove it: offsets are kept by the group, on the broker"),
    "offset.store.path": (_OWNED, "remove it: offsets are kept by the group, on the broker"),
    "offset.store.sync.interval.ms": (_OWNED, "remove it: offsets are kept by the group, on the broker"),
    "auto.offset.reset": (_OWNED, "set kafka.start for a new group, kafka.on_missing_offsets for lost offsets"),
    "isolation.level": (_OWNED, "remove it: only committed transactions are read"),
    "check.crcs": (_OWNED, "remove it: checksums are always checked"),
    "enable.partition.eof": (_OWNED, "remove it; --until-idle ends a run at the end of the topics"),
    "allow.auto.create.topics": (_OWNED, "create topics yourself; greenflash-kafka never does"),
    "acks": (_OWNED, _SAFE_WRITES),
    "request.required.acks": (_OWNED, _SAFE_WRITES),
    "enable.idempotence": (_OWNED, _SAFE_WRITES),
    "enable.gapless.guarantee": (_OWNED, _SAFE_WRITES),
    "delivery.timeout.ms": (_OWNED, "remove it: a failed dead-letter write is tried again without limit"),
    "message.timeout.ms": (_OWNED, "remove it: a failed dead-letter write is tried again without limit"),
    "message.send.max.retries": (_OWNED, "remove it: a failed dead-letter write is tried again without limit"),
    "retries": (_OWNED, "remove it: a failed dead-letter write is tried again without limit"),
    "max.in.flight": (_OWNED, _SAFE_WRITES),
    "max.in.flight.requests.per.connection": (_OWNED, _SAFE_WRITES),
    "message.max.bytes": (_OWNED, "set max.message.bytes on the dead-letter topic; it decides what is too large"),
    "batch.size": (_OWNED, "remove it: batches follow the dead-letter topic's max.message.bytes"),
    "batch.num.messages": (_OWNED, "remove it: batches follow the dead-letter topic's max.message.bytes"),
    "delivery.report.only.error": (_OWNED, _SAFE_WRITES),
    "produce.offset.report": (_OWNED, "remove it"),
    "transactional.id": (_OWNED, "remove it: the dead-letter producer has no transactions"),
    "log.queue": (_OWNED, "remove it"),
    "logger": (_OWNED, "set log.format and log.level"),
    "enabled_events": (_OWNED, "remove it"),
    "msg_order_cmp": (_CALLBACK, "remove it"),
    "opaque": (_CALLBACK, "remove it"),
    "on_commit": (_CALLBACK, "remove it"),
    "on_delivery": (_CALLBACK, "remove it"),
    "default_topic_conf": (_OWNED, "write the topic properties directly"),
    "default.topic.config": (_OWNED, "write the topic properties directly"),
    "ssl_key": ("is not for configurations", "use ssl.key.pem"),
    "ssl_ca": ("is not for configurations", "use ssl.ca.pem"),
    "ssl_certificate": ("is not for configurations", "use ssl.certificate.pem"),
}

_NAME: Final = re.compile(r"[a-z0-9_]+(\.[a-z0-9_]+)*")

_PLAIN: Final = re.compile(r"[A-Za-z0-9@._:/+-]+")


def refusal_of_value(key: str, value: str) -> tuple[str, str] | None:
    """`(why, what instead)` when this property can't have this value, else None; the value is never part of it."""
    if key in IN_A_SHELL and not _PLAIN.fullmatch(value):
        return "becomes part of a shell command and has other characters than A-Z a-z 0-9 @ . _ : / + -", "rename it"
    return None


def refusal_of(key: str) -> tuple[str, str] | None:
    """`(why, what instead)` when a property of this name is refused whatever its value, else None.

    Only plain lower-case names get through, so a capital or a blank can't carry a refused name past this list.
    """
    if not _NAME.fullmatch(key):
        meant = key.strip().lower()
        if meant in _REFUSED:
            return _REFUSED[meant]
        return "is not a librdkafka property name", "write it in lower case, without blanks, like ssl.ca.location"
    if key in _REFUSED:
        return _REFUSED[key]
    if key.endswith("_cb"):
        return _CALLBACK, "remove it"
    if key.startswith(("test.mock.", "ut_")):
        return "replaces the real broker by one made for tests", "use greenflash-kafka demo"
    return None
