"""SIGHUP and its like, which many services take for "reload", are answered by a line of the log, and work goes on."""

from __future__ import annotations

import signal
from typing import Any

HABITS = [signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM]


def test_a_signal_that_is_sent_by_habit_ends_nothing(deployment: Any, until: Any) -> None:
    deployment.topics(2)
    deployment.kafka.produce(deployment.topic, deployment.orders(20))
    process = deployment.run()
    until(lambda: deployment.sandbox.stats()["stored"] == 20, "the first orders")
    for each in HABITS:
        process.process.send_signal(each)
        process.until(f'"signal": "{each.name}"')
    assert len(process.lines("signal_ignored")) == len(HABITS)
    assert "restart to read other mapping files" in process.lines("signal_ignored")[0]["text"]
    deployment.kafka.produce(deployment.topic, deployment.orders(20, first=20))
    until(lambda: deployment.sandbox.stats()["stored"] == 40, "the orders after it")
    assert process.stop() == 0
    assert deployment.kafka.lag(deployment.group, deployment.topic) == 0
