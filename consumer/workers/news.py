"""What one worker meets and the others should know: who is told what, and what one that comes later is told."""

from __future__ import annotations

from consumer.workers.protocol import Paused, Resumed, ToWorker, Waiting


class News:
    """The latest wish for time, and who is paused. Times are monotonic seconds."""

    def __init__(self) -> None:
        self._until = 0.0
        self._code = ""
        self._paused: dict[int, Paused] = {}

    def hear(self, number: int, message: ToWorker, now: float) -> ToWorker:
        """Worker `number` says so; gives what to tell all others."""
        match message:
            case Waiting(seconds, code):
                if now + seconds > self._until:
                    self._until, self._code = now + seconds, code
            case Paused():
                self._paused[number] = message
            case Resumed():
                # Whoever is still refused will say so again, once its probe was.
                self._paused.clear()
        return message

    def so_far(self, now: float) -> list[ToWorker]:
        """What a worker has to know that has only now begun."""
        told: list[ToWorker] = []
        if self._until > now:
            told.append(Waiting(self._until - now, self._code))
        return told + list(self._paused.values())[-1:]

    def gone(self, number: int) -> ToWorker | None:
        """Worker `number` has died. If it was the one that knew of a pause, the others have to find out themselves."""
        if self._paused.pop(number, None) is None or self._paused:
            return None
        return Resumed()
