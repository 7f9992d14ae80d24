"""`python -m tests.brokers`: start a broker, print its address, stop it on Ctrl-C.

With `--prepare` only fetch what starting one needs, and what tests run beside it (a schema registry, PostgreSQL,
Debezium, Java's Avro): `make test` does it before the tests.
"""

from __future__ import annotations

import os
import signal
import sys

from tests.avro import java
from tests.brokers.broker import BrokerUnavailable
from tests.brokers.choose import prepare, start_broker
from tests.debezium import engine
from tests.maven import Unavailable
from tests.registries import apicurio


def main() -> int:
    """Exit status: 0 after a signal, 1 when no broker, or another part, can be had."""
    try:
        if "--prepare" in sys.argv[1:]:
            prepare(os.environ)
            apicurio.unpacked()
            engine.prepare()
            java.prepare()
            return 0
        broker = start_broker(os.environ)
    except (BrokerUnavailable, Unavailable) as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"broker: {broker.description}", file=sys.stderr)
    print(broker.bootstrap_servers, flush=True)
    try:
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        broker.stop()
    return 0


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    sys.exit(main())
