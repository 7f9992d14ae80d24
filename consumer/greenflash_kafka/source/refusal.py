"""Errors of the Kafka client about its settings, or about the group of a joining member."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.errors import ConfigInvalid, GreenflashKafkaError, SourceFailed
from greenflash_kafka.source.connection_diagnosis import redactor_for
from greenflash_kafka.source.properties import ClientSettings


@contextmanager
def settings_refused(settings: ClientSettings) -> Iterator[None]:
    """A context in which a client is made: its error becomes `ConfigInvalid`, without any secret of the settings."""
    try:
        yield
    except KafkaException as error:
        said = str(error.args[0].str())
        said = redactor_for(settings.properties)(said)
        raise ConfigInvalid(f"the Kafka client refuses its settings: {said}. Correct kafka.properties") from None


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
