"""Rule sets that verbs compare: of a folder or file, or as a git revision has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click
import msgspec

from greenflash_kafka.cli.finding_reports import as_text
from greenflash_kafka.cli.git_tree import NotInGit, git_tree, revision_of
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.errors import MappingsInvalid
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.plan_files import NAMES
from greenflash_kafka.mappings.workspace import Workspace
from greenflash_kafka.rules.ruleset import Ruleset


class RuleFiles(msgspec.Struct, frozen=True):
    """Where rules are: what people call them, the files and folders that have them, and the tree that these are in."""

    name: str
    paths: tuple[Path, ...]
    tree: FileTree = DISK


def rule_files(name: str | None, paths: Callable[[], Sequence[Path]]) -> RuleFiles:
    """The rules in `name` if there is such a file or folder, else those in `paths` as the git revision of that name has
    them. None: `paths` as they are on disk.

    Raises click's usage error for a name that is neither.
    """
    if name is None:
        return RuleFiles("working folder", tuple(paths()))
    if Path(name).exists():
        return RuleFiles(name, (Path(name),))
    try:
        revision = revision_of(name)
        if revision is None:
            raise NotInGit("no git revision")
    except NotInGit as error:
        old = ", the old rules where none are named," if name == "HEAD" else ""
        said = f"{name!r}{old} is no file or folder, and {error}: name a folder, a file or a revision"
        raise click.UsageError(said) from None
    where = tuple(paths())
    try:
        return RuleFiles(f"{name} ({revision.commit[:7]})", where, git_tree(revision, where, NAMES))
    except NotInGit as error:
        raise click.UsageError(str(error)) from None


def ruleset(files: RuleFiles, environ: Mapping[str, str], workspace: Workspace | None = None) -> Ruleset:
    """The rules, drafts muted as in production; a variable that isn't set is a placeholder, the same on both sides.
    `workspace` has what has been compiled of other rules.

    Raises MappingsInvalid, with every finding that is an error.
    """
    loaded = load(files.paths, environ, strict_env=False, workspace=(workspace or Workspace()).at(files.tree))
    if loaded.ruleset is None:
        errors = [each for each in loaded.findings if each.severity == "error"]
        raise MappingsInvalid(f"the rules of {files.name} can't be used:\n{as_text(errors, files.tree)}")
    return loaded.ruleset.with_drafts_muted()
