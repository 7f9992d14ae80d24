"""The choice of the broker of a test run: the given one, a container, or Apache Kafka from Maven."""

from __future__ import annotations

from collections.abc import Mapping

from tests.brokers.broker import OLD_KAFKA_VERSION, Broker, BrokerUnavailable, GivenBroker, answers


def start_broker(environment: Mapping[str, str]) -> Broker:
    """A running broker; raises BrokerUnavailable with what to do.

    `KAFKA_BOOTSTRAP_SERVERS` names a cluster to use; `KAFKA=testcontainers` or `KAFKA=maven` picks a way to
    start one. With neither: a container when a Docker engine can give the image, else Maven.
    """
    given = environment.get("KAFKA_BOOTSTRAP_SERVERS")
    wanted = environment.get("KAFKA", "")
    if given:
        return _given(given)
    match wanted:
        case "maven":
            return _maven()
        case "testcontainers":
            return _container()
        case "":
            return _whatever_works()
    raise BrokerUnavailable(f"KAFKA={wanted} is not known: say testcontainers or maven, or leave it out")


def prepare(environment: Mapping[str, str]) -> None:
    """Fetch and install what `start_broker` will need, so that it says so in the open and costs no test its time."""
    wanted = environment.get("KAFKA", "")
    if environment.get("KAFKA_BOOTSTRAP_SERVERS") or wanted not in ("", "maven", "testcontainers"):
        return
    from tests.brokers.container import why_no_container
    from tests.brokers.maven import archive_classes, fetch_jars

    if wanted != "maven":
        why_no_container()  # it pulls the image
    # Brokers that tests break are always from Maven, whichever is shared.
    fetch_jars(OLD_KAFKA_VERSION)
    archive_classes()


def _given(servers: str) -> Broker:
    if not answers(servers, 60):
        raise BrokerUnavailable(f"nothing answers at {servers}, the address in KAFKA_BOOTSTRAP_SERVERS")
    return GivenBroker(servers)


def _container() -> Broker:
    # Imported late: neither Docker's client nor Java is needed by those who go the other way.
    from tests.brokers.container import ContainerBroker, why_no_container

    reason = why_no_container()
    if reason is not None:
        raise BrokerUnavailable(f"KAFKA=testcontainers: {reason}. Start one, or set KAFKA=maven")
    return ContainerBroker()


def _maven() -> Broker:
    from tests.brokers.maven import MavenBroker

    return MavenBroker()


def _whatever_works() -> Broker:
    try:
        broker = _container()
    except BrokerUnavailable as failure:
        # The reason stays in the line that the run prints, so that nobody wonders why Docker wasn't used.
        reason = str(failure).removeprefix("KAFKA=testcontainers: ").partition(". ")[0].partition(": ")[0]
        broker = _maven()
        broker.description += f" ({reason})"
    return broker
