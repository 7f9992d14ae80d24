"""A worker that does nothing but speak with its supervisor: `python worker.py BEHAVIOUR PLACE`."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from collections.abc import Iterator

from consumer.model.rest import Rest
from consumer.model.summary import Tally
from consumer.workers.channel import Channel
from consumer.workers.command import Place
from consumer.workers.protocol import Beat, Bye, Number, Paused, ToWorker, Waiting


class Worker:
    """Beats, as `behaviour` says."""

    def __init__(self, behaviour: str, at: Place) -> None:
        self.behaviour = behaviour
        self.at = at
        self.channel: Channel[ToWorker] = Channel(socket.socket(fileno=at.line), ToWorker)
        self.asked = False
        self.accepted = 0
        signal.signal(signal.SIGTERM, self._asked)

    def _asked(self, *_: object) -> None:
        self.asked = True

    def beat(self, rest: Rest | None = None) -> None:
        self.accepted += 1
        counts: list[Number] = [("events_accepted", (), float(self.accepted))]
        gauges: list[Number] = [("messages_in_hand", (), 5.0)]
        self.channel.send(Beat("rules", [], counts, gauges, self.tally(), rest or Rest()))

    def tally(self) -> Tally:
        return Tally(accepted=self.accepted)

    def log(self, text: str) -> None:
        os.write(self.at.log, text.encode() + b"\n")

    def until_told(self) -> Iterator[None]:
        while not self.asked:
            yield
            for message in self.channel.receive():
                self.log(f"worker {self.at.number} heard {message!r}")
            time.sleep(0.02)

    def end(self, code: int = 0, text: str = "", passes: bool = False) -> None:
        self.channel.send(Bye(code, text, passes, self.tally(), [("events_accepted", (), float(self.accepted))]))
        self.channel.finish(2)
        sys.exit(code)

    def run(self) -> None:
        match self.behaviour:
            case "dies at once":
                sys.exit(3)
            case "refuses at once":
                self.end(2, "the configuration is wrong")
            case "never says a word":
                time.sleep(600)
        self.beat()
        match self.behaviour:
            case "dies":
                time.sleep(0.1)
                os.kill(os.getpid(), signal.SIGKILL)
            case "hangs":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                time.sleep(600)
            case "does not end":
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                for _ in self.until_told():
                    self.beat()
            case "talks nonsense":
                self.channel.socket.send(b"\x00\x00\x00\x02hi")
            case "hangs on its way out":
                self.channel.send(Bye(3, "the Kafka client can't go on", True, self.tally()))
                time.sleep(600)
            case "gives up":
                self.end(1, "too many dead letters", passes=False)
            case "loses the client":
                self.end(3, "the Kafka client can't go on", passes=True)
            case "is chatty":
                for number in range(200):
                    self.log(f"{number} " + "x" * 6000)
                sys.stderr.write("Traceback\n  of something with secret-key-1 in it\n")
                sys.stderr.flush()
            case "waits" if self.at.number == 1:
                self.channel.send(Waiting(30, "status-429"))
                self.channel.send(Paused("status-401", "the key"))
        rest = {"is idle": Rest(True, True), "is stuck": Rest(stuck=("orders/0 is halted",))}
        for _ in self.until_told():
            self.beat(rest.get(self.behaviour, Rest()))
        self.end()


if __name__ == "__main__":
    Worker(sys.argv[1], Place.parse(sys.argv[2])).run()
