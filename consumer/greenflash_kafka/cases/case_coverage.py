"""Coverage: the rules that no case and no sample matches, or that none is refused by (`test --strict`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from greenflash_kafka.cases.observed import Observed
from greenflash_kafka.documents.codes import CODES
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.mappings.files import MappingLoader
from greenflash_kafka.mappings.workspace import Workspace


def untested_rules(mappings: Sequence[Path], observed: Iterable[Observed], workspace: Workspace) -> list[Finding]:
    """A finding at each rule and conversation of these mapping files that isn't shown to match and to refuse."""
    matched: set[tuple[Path, str]] = set()
    refused: set[tuple[Path, str]] = set()
    for one in observed:
        for each in one.explanations:
            (refused if each.result == "failed" else matched).add((workspace.tree.real(Path(each.file)), each.rule))
    loader = MappingLoader({}, strict_env=False, workspace=workspace)
    loader.add(mappings)
    ruleset = loader.loaded(whole=False).ruleset
    found = []
    for info in () if ruleset is None else ruleset.infos:
        rule = (workspace.tree.real(Path(info.origin.file)), info.name)
        said = []
        if rule not in matched:
            said.append("matches it")
        if rule not in refused:
            said.append("is refused by it")
        if said:
            code = "untested-rule"
            message = f"the rule {info.name} isn't tested: no case or sample {' and none '.join(said)}"
            hint = "take a message with `greenflash-kafka try --case x_test.yaml`, or add a case that expects `nothing`"
            place = (info.origin.place.line, info.origin.place.column, info.origin.place.line, info.origin.place.column)
            found.append(Finding(info.origin.file, *place, code, CODES[code].severity, message, hint))
    return found
