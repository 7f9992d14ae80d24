"""Rule sets that verbs compare: of a folder or file, or as a git revision has them."""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from greenflash_kafka.cli.finding_reports import as_text
from greenflash_kafka.errors import MappingsInvalid
from greenflash_kafka.loading import load
from greenflash_kafka.rules.ruleset import Ruleset

GIT_SECONDS: Final = 30


@contextmanager
def rule_paths(name: str | None, paths: Callable[[], Sequence[Path]]) -> Iterator[tuple[str, list[Path]]]:
    """What to call the rules, and the files and folders that have them: `name` itself if there is such a path, else
    `paths` as the git revision of that name has them, in a temporary folder. None: `paths` as they are on disk.

    Raises click's usage error for a name that is neither.
    """
    if name is None:
        yield "working folder", list(paths())
        return
    if Path(name).exists():
        yield name, [Path(name)]
        return
    top = _git("rev-parse", "--show-toplevel")
    revision = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}") if top else None
    if top is None or revision is None:
        where = "no git revision" if top else "this is no git repository"
        raise click.UsageError(f"{name!r} is no file or folder, and {where}: name a folder, a file or a revision")
    with TemporaryDirectory(prefix="greenflash-kafka-") as folder:
        yield f"{name} ({revision[:7]})", [_extracted(Path(top), revision, each, Path(folder)) for each in paths()]


def ruleset(name: str, paths: Sequence[Path], environ: Mapping[str, str]) -> Ruleset:
    """The rules, drafts muted as in production; a variable that isn't set is a placeholder, the same on both sides.

    Raises MappingsInvalid, with every finding that is an error.
    """
    loaded = load(paths, environ, strict_env=False)
    if loaded.ruleset is None:
        errors = [each for each in loaded.findings if each.severity == "error"]
        raise MappingsInvalid(f"the rules of {name} can't be used:\n{as_text(errors)}")
    return loaded.ruleset.with_drafts_muted()


def _extracted(top: Path, revision: str, path: Path, folder: Path) -> Path:
    try:
        inside = path.resolve().relative_to(top.resolve()).as_posix()
    except ValueError:
        raise click.UsageError(f"{path} lies outside of the git repository {top}: name two folders") from None
    # The folder above may hold what belongs to the rules, a tracking plan for one.
    archive = _run(["git", "-C", str(top), "archive", "--format=tar", revision, "--", inside])
    if archive.returncode:
        said = archive.stderr.decode(errors="replace").strip().splitlines()
        raise click.UsageError(f"git has no {inside} in {revision[:7]}: {said[-1] if said else 'no word why'}")
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder / inside


def _git(*arguments: str) -> str | None:
    """What git answers; None if it fails, or there is no git."""
    try:
        answer = _run(["git", *arguments])
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.decode().strip() if answer.returncode == 0 else None


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False, timeout=GIT_SECONDS)
