"""Running samples: what becomes of each, compared with the snapshot beside it, which `test --update` writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.cases.case_files import ENDINGS, OpenCases, open_cases
from greenflash_kafka.cases.case_rows import rows_of
from greenflash_kafka.cases.case_runner import CaseResult, known_conversations
from greenflash_kafka.cases.case_schemas import schemas_beside
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.encoded_message import NotEncoded, encoded
from greenflash_kafka.cases.event_snapshot import ENDING, snapshot_difference, snapshot_text
from greenflash_kafka.cases.observed import Observed
from greenflash_kafka.cases.record_time import at, with_event_time
from greenflash_kafka.cases.sample_files import FOLDER, HINT, SampleFile, sample_files
from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.evaluate import explain
from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.mappings.mapping_files import mapping_files
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import resolve, resolve_activities
from greenflash_kafka.snapshot import Snapshot

RECORDED_MS: Final = 1_767_225_600_000
"""The timestamp of a sample whose events have no time of their own: 2026-01-01T00:00:00Z."""

_UPDATE: Final = "write it by `greenflash-kafka test --update`, and read what it says"


class SampleResults(msgspec.Struct):
    """Results by sample, what is wrong with the mapping files, the snapshots that were written or removed, and what
    came of each sample."""

    results: list[CaseResult] = []
    findings: list[Finding] = []
    written: list[str] = []
    observed: list[Observed] = []


def run_samples(
    mappings: Sequence[Path], wanted: Callable[[str], bool], *, update: bool, workspace: Workspace | None = None
) -> SampleResults:
    """Run the samples beside these mapping files that are from a topic that one of them reads. Snapshots are written
    to disk."""
    found = SampleResults()
    workspace = workspace or Workspace()
    for folder in dict.fromkeys(path.parent for path in mappings):
        if workspace.tree.is_folder(folder / FOLDER):
            given = [path for path in mappings if path.parent == folder]
            _Folder(folder, given, found, workspace).run(wanted, update=update)
    return found


class _Folder:
    """The mapping files of one folder, loaded together as production has them, and the samples beside them."""

    def __init__(self, folder: Path, given: Sequence[Path], found: SampleResults, workspace: Workspace) -> None:
        self._folder = folder
        self._tree = tree = workspace.tree
        self._found = found
        beside = [path for path, missing in mapping_files([folder], tree) if not missing and path.parent == folder]
        self._opened = list(_cases_beside(beside, tree))
        env = {name: value for cases in self._opened for name, value in cases.env.items()}
        loader = MappingLoader(env, strict_env=False, workspace=workspace)
        loader.add(beside)
        self._topics = {path.stem: loader.topics(path) for path in beside}
        self._given = {topic for path in given for topic in self._topics.get(path.stem, ())}
        self._all = len(given) == len(beside)
        loaded = loader.loaded(whole=False)
        found.findings += [each for each in loaded.findings if each.severity == "error"]
        self._ruleset = loaded.ruleset

    def run(self, wanted: Callable[[str], bool], *, update: bool) -> None:
        """Run those whose path is `wanted`."""
        if self._ruleset is None:
            return
        snapshot = Snapshot(self._ruleset, CONTEXT, schemas=schemas_beside([self._folder], self._tree))
        named = {self._tree.real(file) for cases in self._opened for file in cases.payload_files}
        for sample in sample_files(self._folder / FOLDER, self._topics, self._tree):
            if not wanted(str(sample.path)) or not (sample.topic in self._given or self._all):
                continue
            kept = self._tree.is_file(_snapshot_file(sample.path))
            alone = self._tree.real(sample.path) not in named
            if sample.topic and (update or kept or alone):
                self._run(sample, snapshot, update=update)
            elif alone:
                said = f"the topic of this sample isn't known: the mapping files beside it read {self._read}"
                self._add(sample.path, f"{said}\n{HINT}")
        self._orphans(wanted, update=update)

    @property
    def _read(self) -> str:
        return ", ".join(dict.fromkeys(topic for each in self._topics.values() for topic in each)) or "no topic by name"

    def _run(self, sample: SampleFile, snapshot: Snapshot, *, update: bool) -> None:
        try:
            message = encoded(self._message(sample), snapshot)
        except NotEncoded as error:
            self._add(sample.path, str(error))
            return
        with known_conversations(snapshot, ()) as (knowing, _):
            message = _timed(message, knowing)
            outcome, activities = resolve(message, knowing), resolve_activities(message, knowing)
            rows, problems = rows_of(message, knowing)
            outcome = msgspec.structs.replace(outcome, problems=tuple(dict.fromkeys((*outcome.problems, *problems))))
            explanations = explain(message, knowing)
        self._found.observed.append(Observed(str(sample.path), True, outcome.events, explanations))
        text, file = snapshot_text(message, outcome, activities, explanations, rows), _snapshot_file(sample.path)
        kept = self._tree.read(file).decode() if self._tree.is_file(file) else None
        found = f"there is no {file.name} beside it\n{_UPDATE}" if kept is None else snapshot_difference(kept, text)
        if found and update:
            file.write_text(text, encoding="utf-8")
            self._found.written.append(f"{file}: {text.splitlines()[1].removeprefix('outcome: ')}")
            found = ""
        self._add(sample.path, found)

    def _message(self, sample: SampleFile) -> Message:
        """The record: key and headers are those that the cases of its mapping file start from."""
        readers = {stem for stem, topics in self._topics.items() if sample.topic in topics}
        bases = (cases.base_record for cases in self._opened if cases.mapping.stem in readers)
        key, headers = next((base for base in bases if base != (None, ())), (None, ()))
        return Message(sample.topic, 0, 0, 0, key, self._tree.read(sample.path), headers, "none")

    def _orphans(self, wanted: Callable[[str], bool], *, update: bool) -> None:
        """Snapshots whose sample is gone."""
        for file in self._tree.below(self._folder / FOLDER, (ENDING,)):
            sample = file.with_name(file.name.removesuffix(ENDING) + ".json")
            if self._tree.is_file(sample) or not wanted(str(sample)) or not self._all:
                continue
            if update:
                file.unlink()
                self._found.written.append(f"{file}: removed, {sample.name} is gone")
            else:
                said = f"there is no sample {sample.name} for this snapshot"
                self._add(file, f"{said}\nremove it, or run `greenflash-kafka test --update`")

    def _add(self, path: Path, difference: str) -> None:
        self._found.results.append(CaseResult(str(path), 1, 1, f"sample {path.name}", difference))


def _timed(message: Message, snapshot: Snapshot) -> Message:
    """The record with the time of what it reports as its timestamp, else with a fixed one: no clock is read."""
    timed = with_event_time(message, snapshot)
    if timed is not None:
        return timed
    times = [each.at for each in resolve_activities(message, snapshot).found]
    return at(message, max(times, default=RECORDED_MS))


def _snapshot_file(sample: Path) -> Path:
    return sample.with_name(sample.stem + ENDING)


def _cases_beside(mappings: Iterable[Path], tree: FileTree) -> Iterable[OpenCases]:
    for path in mappings:
        for file in (path.with_name(path.stem + ending) for ending in ENDINGS):
            opened = open_cases(file, FileReport(str(file)), tree) if tree.is_file(file) else None
            if opened is not None:
                yield opened
