"""Jars and archives from Maven Central, which tests run for real; each fetched once into `.cache/`."""

from __future__ import annotations

import ctypes
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
CACHE = ROOT / ".cache"
"""Where everything stays, in a folder for each name; git ignores it. Delete a folder to fetch it again."""

QUICKLY = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
"""Options of a JVM that lives for seconds: the second compiler takes more than it gives in that time."""

_COMPILER = "org.eclipse.jdt:ecj:3.33.0"
"""A machine that has Java need not have javac."""

_POM = """<project><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>NAME</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>DEPENDENCIES</dependencies></project>
"""


class Unavailable(Exception):
    """A real part of a test couldn't be had; the text says what was tried and what to do next."""


def fetched(name: str, artifacts: Sequence[str]) -> Path:
    """The folder `.cache/NAME` with these artifacts, `group:artifact:version`, and what they need at run time; fetched
    by Maven when they aren't there yet. Raises Unavailable."""
    pom = CACHE / f"{name}.xml"
    dependencies = "".join(map(_dependency, artifacts))
    return _fetched(name, ["-f", str(pom), "dependency:copy-dependencies", "-DincludeScope=runtime"], pom, dependencies)


def fetched_alone(name: str, artifact: str) -> Path:
    """The folder `.cache/NAME` with this artifact, `group:artifact:version[:type[:classifier]]`, and nothing that it
    needs: its own pom isn't read. Raises Unavailable."""
    return _fetched(name, ["dependency:copy", f"-Dartifact={artifact}"])


def _fetched(name: str, goal: Sequence[str], pom: Path | None = None, dependencies: str = "") -> Path:
    need_java()
    folder = CACHE / name
    done = folder / "complete"
    if done.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(name):  # two test runs of one checkout share the folder
        if done.exists():
            return folder
        say(f"fetching {name} from Maven Central into {folder} (once)")
        if pom is not None:
            pom.write_text(_POM.replace("NAME", name).replace("DEPENDENCIES", dependencies))
        command = ["mvn", "-q", "-B", *goal, f"-DoutputDirectory={folder}"]
        run = subprocess.run(command, capture_output=True, text=True, cwd=CACHE, check=False)
        if run.returncode:
            said = (run.stdout + run.stderr)[-3000:]
            raise Unavailable(f"Maven couldn't fetch {name}:\n{said}\nGive Maven its mirror (~/.m2/settings.xml)")
        done.touch()
    return folder


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, in which `make` has put what can be made of something fetched; it is called once, with another name."""
    with _locked(folder.parent.name):
        if not folder.exists():
            part = folder.with_suffix(".part")
            shutil.rmtree(part, ignore_errors=True)
            part.mkdir(parents=True)
            make(part)
            part.rename(folder)
    return folder


def classes(source: Path, jars: Path) -> Path:
    """The folder of the classes of a Java file, compiled once with the jars of a folder of `fetched`, where it stays.
    Raises Unavailable."""
    compiler = next(fetched("java-compiler", [_COMPILER]).glob("ecj-*.jar"))
    version = hashlib.sha256(source.read_bytes()).hexdigest()[:12]

    def compile(folder: Path) -> None:
        paths = os.pathsep.join(map(str, jars.glob("*.jar")))
        command = ["java", "-jar", str(compiler), "-17", "-nowarn", "-cp", paths, "-d", str(folder), str(source)]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise Unavailable(f"{source.name} couldn't be compiled:\n{run.stdout}{run.stderr}")

    return once(jars / f"{source.stem.lower()}-{version}", compile)


def need_java() -> None:
    """Install Java and Maven where they are missing and may be installed; raises Unavailable."""
    packages = {"java": "default-jre-headless", "mvn": "maven"}
    missing = [package for tool, package in packages.items() if shutil.which(tool) is None]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Unavailable(f"the tests' real parts need {' and '.join(missing)}: install them")
    say(f"installing {' and '.join(missing)} with apt-get, for the tests' real parts")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *missing]):
        run = subprocess.run(["apt-get", *command], env=environment, capture_output=True, text=True)
        if run.returncode:
            raise Unavailable(f"apt-get {command[0]} failed: {run.stderr[-2000:]}\nSo install them")


def die_with_parent() -> None:
    """For `preexec_fn`: the child ends when the process that started it does."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def say(text: str) -> None:
    """Tell whoever waits for a download."""
    print(f"\n*** {text}", file=sys.stderr, flush=True)


@contextmanager
def _locked(name: str) -> Iterator[None]:
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _dependency(artifact: str) -> str:
    names = ("groupId", "artifactId", "version")
    parts = "".join(f"<{name}>{part}</{name}>" for name, part in zip(names, artifact.split(":"), strict=True))
    return f"<dependency>{parts}</dependency>"
