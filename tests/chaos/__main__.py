"""`python -m tests.chaos`: kill the members of a group again and again, and count what is lost or twice (`make chaos`).

Exit status: 0 when everything is exact, 1 when it isn't. The schedule follows from the seed; what each blow meets
depends on the machine.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker
from tests.chaos.avro_ledger import AvroLedger
from tests.chaos.ground import ground, own_broker
from tests.chaos.report import report
from tests.chaos.storm import Settings, Storm


def main() -> int:
    """Exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--cycles", type=int, default=200, help="kill -9 (default 200); others come on top")
    parser.add_argument("--messages", type=int, default=1_000_000, help="default 1000000")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--protocol", choices=("classic", "consumer"), default="classic")
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--every", type=float, default=2.5, help="seconds from one blow to the next (default 2.5)")
    parser.add_argument("--session-ms", type=int, default=2000, help="session timeout (default 2000)")
    parser.add_argument("--ledger", type=float, default=0.25, help="share of facts to be linked (default 0.25)")
    parser.add_argument("--rebalances", type=int, default=10, help="guests that join and leave (default 10)")
    parser.add_argument("--outages", type=int, default=2, help="deaths of the broker, if it is ours (default 2)")
    parser.add_argument("--avro", action="store_true", help="the ledger in Avro, with a registry that goes away")
    parser.add_argument("--folder", type=Path, help="keep the processes' logs here")
    given = parser.parse_args()
    settings = Settings(
        given.seed,
        given.cycles,
        given.messages,
        given.members,
        given.protocol,
        given.every,
        given.session_ms,
        given.ledger,
        given.rebalances,
        given.outages,
    )
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    broker = own_broker(os.environ, settings.session_ms)
    say(f"broker: {broker.description} at {broker.bootstrap_servers}; seed {settings.seed}")
    try:
        with tempfile.TemporaryDirectory(prefix="greenflash-kafka-chaos-") as temporary:
            folder = given.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            kafka = Kafka(broker.bootstrap_servers)
            avro = AvroLedger(settings.seed) if given.avro else None
            with ground(kafka, folder, settings.protocol, settings.session_ms, avro=avro) as made:
                ours = broker if isinstance(broker, MavenBroker) and given.outages else None
                outcome = Storm(made, settings, say, ours).run()
            del kafka
    finally:
        broker.stop()
    print(report(settings, outcome, broker.description))
    return 0 if outcome.exact else 1


if __name__ == "__main__":
    sys.exit(main())
