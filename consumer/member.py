"""One worker of a run that has several: an `App` that its supervisor listens to, and that hears of the others."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Mapping

from consumer.app import App, Stop
from consumer.config.model import Config
from consumer.errors import GreenflashKafkaError
from consumer.instrumentation.prometheus import Metrics
from consumer.workers.command import Place
from consumer.workers.link import Link
from consumer.workers.protocol import Beat, Number
from consumer.workers.share import share_of

ORPHAN_SECONDS = 30.0
"""How long beyond `delivery.drain_seconds` a worker without a supervisor may take to end."""


def work(config: Config, environ: Mapping[str, str], place: Place) -> int:
    """Take this place until the supervisor says that it is enough, or has died; the exit code.

    What went wrong is told to the supervisor, and nowhere else.
    """
    stop = Stop()
    stop.install(second_ends=False, service=True)

    def alone() -> None:
        stop.asked = True

    for descriptor in (place.line, place.log):
        os.set_inheritable(descriptor, False)
    link = Link(socket.socket(fileno=place.line), alone)
    link.watch(config.delivery.drain_seconds + ORPHAN_SECONDS)
    # For as long as the process lives; as standard error is written.
    log = open(place.log, "w", buffering=1, encoding="utf-8", errors="backslashreplace")  # noqa: SIM115
    try:
        app = App(share_of(config, place.number, place.of, environ), environ, sys.stdout, log, place.number, link)
    except GreenflashKafkaError as error:
        link.goodbye(error.exit_code, error, None, [])
        return error.exit_code
    code = _work(app, stop, link)
    app.leave(code)
    return code


def _work(app: App, stop: Stop, link: Link) -> int:
    def beat() -> Beat:
        counts, gauges = _numbers(app.metrics)
        return Beat(app.ruleset.version, app.health.troubles(), counts, gauges, app.tally(), app.rest)

    try:
        app.check(app.run(stop, lambda: link.turn(app.dispatcher, app.rest, beat)))
    except GreenflashKafkaError as error:
        link.goodbye(error.exit_code, error, app.final, _numbers(app.metrics)[0])
        return error.exit_code
    link.goodbye(0, None, app.final, _numbers(app.metrics)[0])
    return 0


def _numbers(metrics: Metrics) -> tuple[list[Number], list[Number]]:
    counts, gauges = metrics.values()
    return (
        [(name, labels, value) for (name, labels), value in counts.items()],
        [(name, labels, value) for (name, labels), value in gauges.items()],
    )
