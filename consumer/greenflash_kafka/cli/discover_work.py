"""The work of `discover`: samples studied, the report, the proposed files."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import click
import msgspec

from greenflash_kafka.cases.case_variables import variables_beside
from greenflash_kafka.cli.discover_files import ProposedFiles, linted, proposed_files
from greenflash_kafka.cli.discover_messages import MessageReader, SampledTopics, ordered, sampled
from greenflash_kafka.cli.discover_presets import recognised_preset
from greenflash_kafka.cli.open_history import HistoryFlags, mappings_of
from greenflash_kafka.discovery.proposal import propose
from greenflash_kafka.discovery.proposed_rule import slug
from greenflash_kafka.discovery.shared_values import SharedIds, shared_ids
from greenflash_kafka.discovery.study import TopicStudy, study
from greenflash_kafka.discovery.topic_documents import TopicDocuments
from greenflash_kafka.discovery.topic_report import TopicReport, report_text, topic_report
from greenflash_kafka.model.counted import counted

_READ: Final = "Read every line marked `# ?`, correct it, and take the mark away"
_DRAFTS: Final = (
    "The rules are drafts, which send nothing: take `draft: true` away last. The cases hold what the lines give now: "
    "where a right\ncorrection makes one fail, delete it, and keep a real message in its place: greenflash-kafka peek "
    "TOPIC --save mappings,\nthen test --update. Then: greenflash-kafka lint, test, diff --since 7d"
)


class DiscoverSettings(msgspec.Struct, frozen=True):
    """What the flags say beside the window."""

    out: Path | None = None
    values: bool = False
    as_json: bool = False
    proposals: Literal["write", "print", "nothing"] = "write"


class Discovered(msgspec.Struct, frozen=True):
    """One topic: its report, and the proposal with where it is written ("" for nowhere); None if nothing can be
    proposed."""

    report: TopicReport
    files: ProposedFiles | None
    written: str = ""


def show(topics: Sequence[str], flags: Mapping[str, Any], settings: DiscoverSettings) -> int:
    """Study topics, print, and write; the exit code: 1 if a topic has nothing that can be read. `flags` are those of
    `HistoryFlags`. Raises what `opened` does, and click's usage error for a file that is there."""
    topics = tuple(dict.fromkeys(topics))
    given = HistoryFlags(**flags)
    paths = _paths(topics, given, settings)
    found: list[Discovered] = []
    studies: list[TopicStudy] = []
    with sampled(given, topics) as source:
        for topic in topics:
            one, discovered = _discovered(topic, source, paths[topic], settings)
            studies.append(one)
            found.append(discovered)
    shared = shared_ids(studies)
    if settings.as_json:
        click.echo(_json(found, shared))
    else:
        _print(found, shared, settings)
    return 0 if all(each.report.paths for each in found) else 1


def _paths(topics: Sequence[str], flags: HistoryFlags, settings: DiscoverSettings) -> dict[str, Path]:
    """Where each proposal goes. Nothing is read if a file is there already."""
    out = settings.out
    if out is not None and len(topics) > 1 and (out.suffix or out.is_file()):
        raise click.UsageError("--out names the file of one topic; for several name a folder, as in --out mappings")
    is_folder = out is not None and (len(topics) > 1 or out.is_dir())
    configured = next((each for each in mappings_of(flags) if not each.suffix), Path("mappings"))
    folder = out if out is not None and is_folder else configured
    paths = {topic: folder / f"{slug(topic)}.yaml" if is_folder or out is None else out for topic in topics}
    if settings.proposals == "write":
        for path in paths.values():
            for each in (path, _cases_of(path)):
                if each.exists():
                    raise click.UsageError(f"{each} exists and isn't overwritten; --out names another file, or --print")
    return paths


def _cases_of(path: Path) -> Path:
    return path.with_name(f"{path.stem}_test.yaml")


def _discovered(
    topic: str, source: SampledTopics, path: Path, settings: DiscoverSettings
) -> tuple[TopicStudy, Discovered]:
    messages = ordered(source.messages[topic])
    documents = TopicDocuments(topic, messages, MessageReader(source.schemas).read)
    one = study(documents)
    looked = f"{len(messages):,} of {source.there[topic]:,} messages"
    preset = recognised_preset(each.roots.get("payload", each.roots.get("item")) for each in documents)
    files = None
    if settings.proposals != "nothing" and one.table.paths and one.kinds:
        environ = {**os.environ, **variables_beside(path.parent)}
        files = proposed_files(one, path.stem, looked, source.schemas, environ)
    written = _write(path, files) if settings.proposals == "write" and files is not None and files.ok else ""
    if written and files is not None:
        # Beside other files there may be more to say: a tracking plan holds for it, too.
        errors, warnings = linted([path], os.environ)
        files = msgspec.structs.replace(files, errors=errors, warnings=warnings)
    proposal = files.proposal if files is not None else None
    if proposal is None and one.table.paths and one.kinds:
        proposal = propose(one, slug(path.stem), looked)
    report = topic_report(one, proposal, looked, preset, values=settings.values)
    return one, Discovered(report, files, written)


def _write(path: Path, files: ProposedFiles) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        # "x": what has come into being in the meantime is not overwritten either.
        with path.open("x", encoding="utf-8") as file:
            file.write(files.proposal.text)
        if files.cases:
            with _cases_of(path).open("x", encoding="utf-8") as file:
                file.write(files.cases)
    except OSError as error:
        raise click.UsageError(f"{path} can't be written: {error.strerror or error}") from None
    return str(path)


def _print(found: Sequence[Discovered], shared: Sequence[SharedIds], settings: DiscoverSettings) -> None:
    for number, each in enumerate(found):
        click.echo("" if number else None, nl=bool(number))
        for line in report_text(each.report):
            click.echo(line)
        files = each.files
        if files is None:
            if settings.proposals != "nothing":
                why = "no message of this topic could be read" if each.report.messages else "there is no message"
                click.echo(f"\nNothing is proposed: {why}.")
            continue
        if settings.proposals == "print":
            click.echo(f"\n{files.proposal.text}\n---\n{files.cases}")
        click.echo("")
        click.echo(_said(each, files))
    if shared:
        click.echo("\nids that topics share")
    for pair in shared[:10]:
        click.echo(
            f"  {pair.topic} {pair.path} is {pair.share:.0%} in {pair.other_topic} {pair.other_path}"
            f"{f' but for {pair.words}' if pair.words else ''}  ({pair.looked_at:,} different looked up)"
        )
        for path, changed in ((pair.path, pair.read_as), (pair.other_path, pair.other_read_as)):
            if changed not in ("", path):
                click.echo(f"    in place of {path}: {changed}")


def _said(each: Discovered, files: ProposedFiles) -> str:
    rules = f"{counted(len(files.proposal.rules), 'rule')}" if files.proposal.rules else "no rule, conversations"
    verdict = f"lint: {'ok' if not files.errors else '; '.join(files.errors[:3])}"
    verdict += f", {files.warnings} warnings" if files.warnings else ""
    if files.proposal.rules:
        verdict += f". test: {counted(files.count, 'case')} {'passed' if files.passed else 'FAILED'}."
        verdict += f" {files.mapped} of {files.tried} messages that were tried give an event."
    where = f"written: {each.written} and its cases" if each.written else "proposed"
    if not files.proposal.rules:
        return f"{where} ({rules}). {verdict}\n{_READ}; then: greenflash-kafka lint"
    return f"{where} ({rules}). {verdict}\n{_READ}.\n{_DRAFTS}"


def _json(found: Sequence[Discovered], shared: Sequence[SharedIds]) -> str:
    whole = {
        "topics": [
            {
                **msgspec.to_builtins(each.report),
                "proposal": None
                if each.files is None
                else {
                    "written": each.written,
                    "mapping": each.files.proposal.text,
                    "cases": each.files.cases,
                    "lint_errors": list(each.files.errors),
                    "lint_warnings": each.files.warnings,
                    "cases_passed": each.files.passed,
                    "mapped": each.files.mapped,
                    "tried": each.files.tried,
                },
            }
            for each in found
        ],
        "shared_ids": msgspec.to_builtins(shared),
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()
