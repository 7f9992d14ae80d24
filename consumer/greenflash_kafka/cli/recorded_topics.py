"""The work of `record`: messages of topics, written into a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from greenflash_kafka.cases.link_reasons import moment
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, opened
from greenflash_kafka.cli.progress_line import ProgressLine
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import VERSION, RecordedHistory, RecordingHeader, RecordingWriter
from greenflash_kafka.source.window import Window


def write(topics: Sequence[str], whole: Sequence[str], out: Path, flags: Mapping[str, Any]) -> int:
    """Write a recording of the window of `topics`, and of `whole` ones, and say how much is in it; `flags` are those of
    `HistoryFlags`. Raises what `opened` does, and click's usage error for a file that is there."""
    if out.exists():
        raise click.UsageError(f"{out} exists: name a new file")
    given = HistoryFlags(**flags)
    asked = [each for each in topics if each not in whole]
    if not asked and not whole:
        raise click.UsageError("name a topic")
    count, missing = 0, list[OffsetRange]()
    with ExitStack() as stack:
        sources = [stack.enter_context(opened(given, asked))] if asked else []
        if whole:
            sources.append(stack.enter_context(opened(HistoryFlags(given.file, recording=given.recording), whole)))
        header = _header(sources, asked, (*whole, *_complete(asked, sources[0], given)), given)
        total = sum(each.count for each in header.ranges)
        if asked and given.window == Window() and given.recording is None:
            click.echo(
                f"{counted(total, 'message')}: all that Kafka has of {', '.join(asked)}; --since, --until or --last N "
                "bound it",
                err=True,
            )
        with _new(out, header) as writer, ProgressLine() as progress:
            for source in sources:
                for messages in source.messages():
                    writer.write(messages)
                    count += len(messages)
                    progress.say(f"{count:,} of {counted(total, 'message')}")
                missing += source.history.missing
    for each in missing:
        click.echo(f"missing: {each}, which retention took meanwhile", err=True)
    if not count:
        click.echo("The topics have no messages in this window.", err=True)
    click.echo(f"{out}: {counted(count, 'message')}. It holds whole messages: keep it as you keep the topics.")
    return 0


@contextmanager
def _new(out: Path, header: RecordingHeader) -> Iterator[RecordingWriter]:
    """A recording that is complete if the block ends, and is known as cut if it doesn't. Raises click's usage error for
    a file that can't be written."""
    writer = None
    try:
        writer = RecordingWriter(out, header)
        yield writer
        writer.close()
    except OSError as error:
        raise click.UsageError(f"{out} can't be written: {error.strerror or error}") from None
    except BaseException:
        click.echo(f"{out} isn't complete, and nobody will read it: delete it, and record anew", err=True)
        raise
    finally:
        if writer is not None:
            writer.leave()


def _complete(asked: Sequence[str], source: OpenHistory, flags: HistoryFlags) -> Sequence[str]:
    """The topics of which a window has all that there is: nothing is older than it."""
    bounded = flags.window != Window() and flags.until is None
    if not asked or not bounded or isinstance(source.history, RecordedHistory):
        return ()
    starts = {(each.topic, each.partition): each.start for each in source.ranges}
    with opened(HistoryFlags(flags.file), asked, begin=False) as everything:
        cut = {each.topic for each in everything.ranges if starts.get((each.topic, each.partition)) != each.start}
    return [each for each in asked if each not in cut]


def _header(
    sources: Sequence[OpenHistory], asked: Sequence[str], whole: Sequence[str], flags: HistoryFlags
) -> RecordingHeader:
    complete = [*whole, *(asked if flags.since is flags.until is flags.last is None else ())]
    history = sources[0].history
    if isinstance(history, RecordedHistory):
        complete = [each for each in complete if each in history.header.whole]
    ids = {name: each for source in sources for name, each in source.topic_ids.items()}
    ranges = tuple(each for source in sources for each in source.ranges)
    forgets = {each.topic: source.forgets for source in sources for each in source.ranges if each.topic in complete}
    kept = tuple(sorted(topic for topic, of in forgets.items() if not of(topic)))
    window = _flags(flags)
    if isinstance(history, RecordedHistory):
        window = window or history.header.window
    return RecordingHeader(VERSION, sources[0].cluster_id, ids, ranges, tuple(sorted(set(complete))), kept, window)


def _flags(flags: HistoryFlags) -> str:
    """The flags of the window, with times in place of durations."""
    times = (("--since", flags.since), ("--until", flags.until))
    given = [f"{name} {moment(ms)}" for name, ms in times if ms is not None]
    return " ".join([*given, *([] if flags.last is None else [f"--last {flags.last}"])])
