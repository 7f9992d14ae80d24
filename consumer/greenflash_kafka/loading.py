"""Rules of files and folders, held to their tracking plan: what a verb starts with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from greenflash_kafka.documents.yaml_nodes import BEGINNING
from greenflash_kafka.mappings.files import Loaded, MappingLoader
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.plan_files import plan_files
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.tracking.plan_checks import check_plan
from greenflash_kafka.tracking.tracking_plan import TrackingPlan


class Advise(Protocol):
    """Says more of files that would work; `planned`: there is a tracking plan."""

    def __call__(self, files: Sequence[Understood], *, planned: bool) -> None: ...


def load(
    paths: Sequence[Path],
    env: Mapping[str, str],
    *,
    strict_env: bool = True,
    dead_letters: str | None = None,
    whole: bool = True,
    advise: Advise | None = None,
    workspace: Workspace | None = None,
) -> Loaded:
    """Load mapping files and folders, as `MappingLoader` does. A tracking plan (`events.yaml`) in, beside or above the
    paths holds for all rules. `workspace`: where the files are, and what has been compiled of them; on disk, and
    nothing, if not said."""
    loader = MappingLoader(env, strict_env=strict_env, workspace=workspace)
    loader.add(paths)
    plan = hold_to_plan(loader, paths)
    if advise is not None:
        advise(loader.files, planned=bool(plan.files))
    return loader.loaded(dead_letters=dead_letters, whole=whole)


def hold_to_plan(loader: MappingLoader, paths: Sequence[Path]) -> TrackingPlan:
    """Read the tracking plans of these files and folders, and hold the loader's rules to them."""
    plan, failed = TrackingPlan(), False
    for path in plan_files(paths, loader.tree):
        report = loader.report(path)
        try:
            # It decides what may be written, not what becomes of a message: the ruleset's version is without it.
            plan.add(loader.tree.read(path), report)
        except OSError as error:
            report.add(BEGINNING, "unreadable-file", f"can't be read: {error.strerror or error}")
        failed |= report.failed
    if plan.files and not failed:
        check_plan((facts for file in loader.files for facts in file.facts), plan)
    return plan
