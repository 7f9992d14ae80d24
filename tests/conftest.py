"""The brokers that tests share; the run says which one it uses."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from greenflash_kafka.documents import yaml_document
from tests.brokers.broker import Broker, GivenBroker
from tests.brokers.choose import start_broker
from tests.brokers.kafka import Kafka, QuickGroups
from tests.brokers.maven import MavenBroker
from tests.brokers.mock import MockCluster, MockKafka
from tests.brokers.secured import SecuredBroker
from tests.registries.apicurio import Apicurio

# Hypothesis holds an example to 200 ms, and the making of ten to a second: a busy machine may need more.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

# The same few mapping files are loaded by hundreds of tests.
yaml_document._events = lru_cache(64)(yaml_document._events)

_used: list[Broker] = []
_SHARED = "greenflash_kafka_broker"


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tests in several processes (`make test`) share one broker, which the first process starts for them."""
    if not _used:
        running = start_broker(os.environ)
        _used.append(running)
        _announce(node.config, _line(running))
    node.workerinput[_SHARED] = (_used[0].bootstrap_servers, _used[0].description)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`--dist loadfile`, and files that share a broker of their own in one process."""
    if config.getvalue("dist") != "loadfile":
        return None
    from tests.sharing import Files  # here xdist is there

    return Files(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are collected, and stay: looking for garbage among them is in vain, now and later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In several processes the longest begin."""
    if hasattr(config, "workerinput"):
        from tests.sharing import rank

        items.sort(key=rank)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared broker; one that a test's own process started is stopped by its fixture."""
    if not hasattr(config, "workerinput"):
        for each in _used:
            each.stop()


@pytest.fixture(scope="session")
def broker(pytestconfig: pytest.Config) -> Iterator[Broker]:
    """A real Apache Kafka, started when the first test asks for it. Never skipped: without one, tests fail."""
    shared = getattr(pytestconfig, "workerinput", {}).get(_SHARED)
    if shared is not None:
        given = GivenBroker(shared[0])
        given.description = shared[1]
        yield given
        return
    running = start_broker(os.environ)
    _used.append(running)
    _announce(pytestconfig, _line(running))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def kafka(broker: Broker) -> Kafka:
    """The real broker, with what tests do to it: topics, messages, offsets (`tests/brokers/kafka.py`)."""
    return Kafka(broker.bootstrap_servers)


@pytest.fixture(scope="session")
def quick_groups(broker: Broker) -> QuickGroups:
    """The real broker, whose groups here give members up after 1.5 s under KIP-848 too."""
    return QuickGroups(broker.bootstrap_servers)


@pytest.fixture(scope="session")
def _breakable() -> Iterator[list[MavenBroker]]:
    made: list[MavenBroker] = []
    yield made
    for each in made:
        each.stop()


@pytest.fixture
def breakable_broker(_breakable: list[MavenBroker]) -> MavenBroker:
    """A broker to be killed and started again on the same address; always from Maven. Tests that ask for it run in one
    process (`tests/sharing.py`), one after the other on the same broker, until one leaves it dead."""
    if not _breakable or not _breakable[-1].running:
        # A broker that died keeps its place until its session ends: 9 s unless told otherwise.
        _breakable.append(MavenBroker({"broker.session.timeout.ms": "2000", "broker.heartbeat.interval.ms": "400"}))
        _used.append(_breakable[-1])
    return _breakable[-1]


@pytest.fixture(scope="session")
def _freezable() -> Iterator[MavenBroker]:
    # For a moment a broker that stood still for longer than its session is missing in its own list of brokers. A client
    # that asks then removes its only broker, and never connects again (librdkafka 2.16.1; docs/faults.md, B1). So its
    # session is longer than any test freezes it.
    running = MavenBroker({"broker.session.timeout.ms": "3600000"})
    _used.append(running)
    yield running
    running.stop()


@pytest.fixture
def freezable_broker(_freezable: MavenBroker) -> Iterator[MavenBroker]:
    """A broker to be frozen, never killed; always from Maven. Tests that ask for it run in one process
    (`tests/sharing.py`), one after the other on the same broker."""
    yield _freezable
    _freezable.thaw()
    _freezable.wait()


@pytest.fixture(scope="session")
def secured_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    """A broker behind TLS, SASL and access rules, with a listener for each way in; always from Maven. Tests that ask
    for it run in one process (`tests/sharing.py`)."""
    running = SecuredBroker(tmp_path_factory.mktemp("certificates"))
    _used.append(running)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def apicurio() -> Iterator[Apicurio]:
    """A real schema registry, from Maven; its subjects are shared, so tests name them by their topics. Tests that ask
    for it run in one process (`tests/sharing.py`)."""
    running = Apicurio()
    yield running
    running.stop()


@pytest.fixture
def mock_kafka() -> Iterator[MockKafka]:
    """librdkafka's mock cluster: for speed, and for errors that a real broker can't be made to give."""
    cluster = MockCluster()
    yield MockKafka(cluster)
    cluster.stop()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say again, where the result stands, which broker it was got with."""
    terminalreporter.write_line(_line(_used[0]) if _used else "broker: none, no test asked for a real one")


def _line(broker: Broker) -> str:
    return f"broker: {broker.description} at {broker.bootstrap_servers}"


def _announce(config: pytest.Config, text: str) -> None:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if isinstance(reporter, pytest.TerminalReporter):
        reporter.ensure_newline()
        reporter.write_line(text)
