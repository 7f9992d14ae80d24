from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.instrumentation.listener import Listeners, Quiet


class Failing:
    def notice(self, name: str, **facts: object) -> None:
        raise RuntimeError(name, facts)

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        raise RuntimeError(metric, amount, labels)

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        raise RuntimeError(metric, value, labels)

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        raise RuntimeError(metric, counts, total, labels)


class Noting(Quiet):
    def __init__(self) -> None:
        self.heard: list[object] = []

    def notice(self, name: str, **facts: object) -> None:
        self.heard.append((name, facts))

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        self.heard.append((metric, amount, labels))

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        self.heard.append((metric, value, labels))

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        self.heard.append((metric, counts, total, labels))


def test_everyone_hears_everything_even_when_one_fails() -> None:
    noting = Noting()
    listeners = Listeners(Failing(), noting, Quiet())
    listeners.notice("n", fact=1)
    listeners.count("c", 2, ("l",))
    listeners.gauge("g", 0.5)
    listeners.observe("h", [1, 0], 0.1)
    assert noting.heard == [("n", {"fact": 1}), ("c", 2, ("l",)), ("g", 0.5, ()), ("h", [1, 0], 0.1, ())]
