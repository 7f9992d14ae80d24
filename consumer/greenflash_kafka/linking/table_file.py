"""The file of a process's table: claimed in the folder by a lock, for as long as the process lives."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from greenflash_kafka.errors import ConfigInvalid

PLACES: Final = 1000
"""The most processes of one group on one machine."""

_NETWORK: Final = ("nfs", "cifs", "smb", "ceph", "lustre", "glusterfs", "sshfs", "s3fs", "gcsfuse", "afs")
"""Parts of the names of file systems over a network, on which SQLite's locks are not reliable."""

_WRITE_HERE: Final = "set linking.directory to a folder on a local disk that this user may write to"


class TableFile:
    """`path` is where the table is. Until `release` no other process gets this file."""

    def __init__(self, path: Path, lock: IO[bytes] | None = None, temporary: Path | None = None) -> None:
        """`lock`: the open file that is locked; `temporary`: a folder that is removed with the release."""
        self.path = path
        self._lock = lock
        self._temporary = temporary

    def release(self) -> None:
        """Let others have the file; a temporary one is removed."""
        if self._lock is not None:
            self._lock.close()
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)


def claim(directory: Path, cluster_id: str, group: str) -> TableFile:
    """The first file of this cluster and group in the folder that no living process has; the folder is made if it
    isn't there. Raises ConfigInvalid if it can't be used."""
    name = hashlib.sha256(f"{cluster_id}\0{group}".encode()).hexdigest()[:16]
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        kind = file_system(directory)
        if any(part in kind for part in _NETWORK):
            raise ConfigInvalid(f"linking.directory {directory} is on a network file system ({kind}): {_WRITE_HERE}")
        for place in range(PLACES):
            lock = (directory / f"{name}-{place}.lock").open("ab")
            if _locked(lock):
                return TableFile(directory / f"{name}-{place}.sqlite", lock)
            lock.close()
    except OSError as error:
        raise ConfigInvalid(f"linking.directory {directory} can't be used: {error.strerror}; {_WRITE_HERE}") from error
    raise ConfigInvalid(f"linking.directory {directory} has {PLACES} tables of this group in use; {_WRITE_HERE}")


def temporary() -> TableFile:
    """A file that is removed when it is released. Raises ConfigInvalid if there is no room for temporary files."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="greenflash-kafka-"))
    except OSError as error:
        raise ConfigInvalid(f"there is no folder for temporary files: {error.strerror}; set TMPDIR") from error
    return TableFile(folder / "conversations.sqlite", temporary=folder)


def default_directory(environ: Mapping[str, str]) -> Path:
    """`greenflash-kafka` in this user's cache folder, as the platform has it; a user without a home has it in the
    folder for temporary files."""
    if given := environ.get("XDG_CACHE_HOME"):
        return Path(given) / "greenflash-kafka"
    if sys.platform == "win32" and (local := environ.get("LOCALAPPDATA")):
        return Path(local) / "greenflash-kafka"
    home = environ.get("HOME", "")
    if not os.access(home or "-", os.W_OK):
        return Path(tempfile.gettempdir()) / "greenflash-kafka"
    return Path(home) / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "greenflash-kafka"


def file_system(directory: Path) -> str:
    """The name of the folder's file system, as Linux has it; empty where that isn't known."""
    wanted, found, longest = directory.resolve(), "", -1
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(errors="replace").splitlines():
            _, where, kind, *_ = line.split(" ")
            mounted = Path(where.replace("\\040", " "))
            if wanted.is_relative_to(mounted) and len(mounted.parts) >= longest:
                found, longest = kind, len(mounted.parts)
    return found


def _locked(file: IO[bytes]) -> bool:
    """Lock the file for this process; False if another one has it. Where there are no such locks, a name stands for
    one process."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
