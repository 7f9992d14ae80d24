"""Offset ranges read by several processes of the same command, each its share."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Any, Final, TypeVar

from greenflash_kafka.errors import BrokerUnreachable, GreenflashKafkaError, SourceFailed
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.shares import shares

PORTION: Final = 50_000
"""Messages that are counted before there are new figures; more where there would be very many portions."""

FIGURES_SECONDS: Final = 2.0
"""After so long there are figures, however few messages have come."""

TAKE: Final = 500
"""Messages that are taken at once: few enough that a processor's cache still has them when they are evaluated."""

_MOST_PORTIONS: Final = 200
_FEW: Final = 200_000

Task = TypeVar("Task")
Counted = TypeVar("Counted")
Reads = Callable[[Task, int, Sequence[OffsetRange]], Iterator[Counted]]
"""Gives what the messages of some ranges give, in portions; the number tells its share from the others. A function of a
module, since processes are told it by its name."""


def read_by(workers: int, reads: Reads[Task, Counted], task: Task, ranges: Sequence[OffsetRange]) -> Iterator[Counted]:
    """What messages give, as so many processes read them. Raises BrokerUnreachable for what `reads` raises in one, and
    SourceFailed for one that ends without an answer."""
    # Spawned, not forked: the Kafka client has threads.
    context = get_context("spawn")
    children, open_ones = [], []
    # Inherited by the children from their first moment on: Ctrl-C is for this process, which ends them.
    ours_before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    for number, share in enumerate(shares(ranges, workers)):
        ours, theirs = context.Pipe(duplex=False)
        child = context.Process(target=_child, args=(theirs, reads, task, number, share), daemon=True)
        child.start()
        theirs.close()
        children.append(child)
        open_ones.append(ours)
    signal.signal(signal.SIGINT, ours_before)
    try:
        while open_ones:
            for each in wait(open_ones):
                assert isinstance(each, Connection)
                try:
                    answer = each.recv()
                except EOFError:
                    raise SourceFailed("a process that reads a share ended without an answer: memory?") from None
                if isinstance(answer, str):
                    raise BrokerUnreachable(answer)
                if answer is None:
                    open_ones.remove(each)
                else:
                    yield answer
    finally:
        for child in children:
            child.terminate()
            child.join()


def _child(answers: Connection, reads: Reads[Any, Any], task: Any, share: int, ranges: Sequence[OffsetRange]) -> None:
    """A process of its own: what it counted, then None, or the text of the error that ended it."""
    try:
        for each in reads(task, share, ranges):
            answers.send(each)
        answers.send(None)
    except GreenflashKafkaError as error:
        answers.send(str(error))


def default_workers(count: int) -> int:
    """Processes for so many messages: one a core, and one alone where starting others takes longer than reading."""
    return 1 if count < _FEW else max(1, len(os.sched_getaffinity(0)))


def portion_of(total: int) -> int:
    """Messages of a portion where there are so many."""
    return max(PORTION, total // _MOST_PORTIONS)
