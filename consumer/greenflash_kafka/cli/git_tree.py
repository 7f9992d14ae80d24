"""Files as a git revision has them, as bytes: nothing is written to disk."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.bytes_tree import BytesTree

GIT_SECONDS: Final = 30

_LINK: Final = "120000"
_SUBMODULE: Final = "160000"


class NotInGit(ValueError):
    """A revision doesn't have what was asked for; the text says what, and why."""


class GitRevision(msgspec.Struct, frozen=True):
    """A commit, by its full hash, of the repository whose work tree is in the folder `top`."""

    top: Path
    commit: str


def revision_of(name: str) -> GitRevision | None:
    """The commit of this name in the repository that this folder is in. None if there is none by that name, or no git.
    Raises NotInGit where there is no repository."""
    top = _said("rev-parse", "--show-toplevel")
    if top is None:
        raise NotInGit("this is no git repository")
    commit = _said("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return None if commit is None else GitRevision(Path(top), commit)


def git_tree(revision: GitRevision, paths: Sequence[Path], near: Sequence[str]) -> BytesTree:
    """The files in and below these folders, or beside and below these files, with what links among them lead to in the
    repository, and files of the names `near` in the folders above: as a checkout has them, line ends included. Raises
    NotInGit, also where a submodule or a link has a part of them elsewhere."""
    top = revision.top
    entries = dict(_entries(revision))
    links = {
        path: target.decode("utf-8", "surrogateescape")
        for path, target in _contents(top, {path: each for path, each in entries.items() if each.mode == _LINK}).items()
    }
    listed = BytesTree(top, dict.fromkeys(entries.keys() - links.keys(), b""), links)
    wanted: set[str] = set()
    for path in paths:
        folder = _inside(listed, path, revision)
        _check_whole(revision, listed, folder, entries)
        if not listed.is_folder(top / folder):
            folder = folder.rpartition("/")[0]
        wanted.update(_below(listed, folder, entries))
        above = folder.rpartition("/")[0]
        wanted.update(f"{each}/{name}".removeprefix("/") for each in (above, above.rpartition("/")[0]) for name in near)
    found = {path: each for path, each in entries.items() if path in wanted and each.mode not in (_LINK, _SUBMODULE)}
    return BytesTree(top, _contents(top, found, filtered=True), links)


class _Entry(msgspec.Struct, frozen=True):
    """A file in a revision, or a submodule."""

    mode: str
    object: str


def _entries(revision: GitRevision) -> Iterator[tuple[str, _Entry]]:
    """Every file of a revision by its path; a submodule is one entry."""
    listed = _run(revision.top, ["ls-tree", "-r", "-z", "--full-tree", revision.commit])
    for line in listed.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        facts, path = line.split("\t", 1)
        mode, _, name = facts.split(" ")
        yield path, _Entry(mode, name)


def _inside(listed: BytesTree, path: Path, revision: GitRevision) -> str:
    """The path in the repository. Raises NotInGit."""
    for written in (path, path.resolve()):
        try:
            inside = listed.inside(written)
        except OSError:
            continue
        if not listed.is_file(written) and not listed.is_folder(written):
            raise NotInGit(f"git has no {inside} in {revision.commit[:7]}")
        return inside
    raise NotInGit(f"{path} lies outside of the git repository {listed.root}: name two folders")


def _below(listed: BytesTree, folder: str, paths: Iterable[str]) -> Iterator[str]:
    """Those of the paths that are in or below a folder, and the files that links among them lead to."""
    prefix = f"{folder}/" if folder else ""
    for path in paths:
        if path.startswith(prefix):
            yield path
            with suppress(OSError):
                yield listed.inside(listed.root / path)


def _check_whole(revision: GitRevision, listed: BytesTree, inside: str, entries: Mapping[str, _Entry]) -> None:
    """Raises NotInGit if a part of a folder, or a file, is elsewhere: rules would be missing without a word."""
    short = revision.commit[:7]
    for path, entry in entries.items():
        if path != inside and not path.startswith(f"{inside}/" if inside else ""):
            continue
        if entry.mode == _SUBMODULE:
            raise NotInGit(f"{path} is a submodule in {short}, whose files git has elsewhere: name two folders")
        if entry.mode == _LINK:
            try:
                listed.inside(listed.root / path)
            except OSError:
                said = f"{path} is a link in {short} that leads out of the repository: name two folders"
                raise NotInGit(said) from None


def _contents(top: Path, entries: Mapping[str, _Entry], *, filtered: bool = False) -> dict[str, bytes]:
    """The contents of files, by one process of git; `filtered`: as a checkout has them."""
    named = [path for path in entries if "\n" not in path]
    if not named:
        return {}
    # The size that git says is that before filters, so that only a mark which nobody knows ends a content.
    mark = secrets.token_hex(16)
    lines = "".join(f"{entries[path].object} {path}\n" for path in named)
    command = ["cat-file", f"--batch={mark} %(rest)", *(["--filters"] if filtered else [])]
    answer = _run(top, command, lines.encode("utf-8", "surrogateescape"))
    parts = answer.split(mark.encode() + b" ")[1:]
    if len(parts) != len(named):
        raise NotInGit("git doesn't have all of these files; is it a partial clone without its remote?")
    return {path: part.partition(b"\n")[2][:-1] for path, part in zip(named, parts, strict=True)}


def _said(*arguments: str) -> str | None:
    try:
        answer = subprocess.run(["git", *arguments], capture_output=True, check=False, timeout=GIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.decode().strip() if answer.returncode == 0 else None


def _run(top: Path, arguments: Iterable[str], given: bytes = b"") -> bytes:
    command = ["git", "-C", str(top), *arguments]
    try:
        answer = subprocess.run(command, input=given, capture_output=True, check=False, timeout=GIT_SECONDS)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotInGit(f"git can't be used: {error}") from None
    if answer.returncode:
        said = answer.stderr.decode(errors="replace").strip().splitlines()
        raise NotInGit(f"git {command[3]} failed: {said[-1] if said else 'no word why'}")
    return answer.stdout
