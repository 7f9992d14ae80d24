"""Compiler of .proto texts: grpcio-tools' protoc, in a process of its own.

Some texts of a few KB end the process that compiles them (protoc 35: an option's value that is nested 2,000
levels is a failed check, one of 100,000 levels a segmentation fault), others keep it busy for minutes (the same field's
name 80,000 times). So it runs in a child with limits. That costs 33 ms of CPU a schema, and saves the 13 MB that the
compiler takes. Nothing is written to a disk: texts and result are files without a name.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from greenflash_kafka.decoding.schema_error import MissingExtra, SchemaError

SECONDS: Final = 5
"""Longest time that a schema's compilation may take; twice as long, if it was frozen."""

PROCESSOR_SECONDS: Final = 2
"""Most that it may take of the processor."""

MAX_OUTPUT: Final = 16 * 1024 * 1024
"""Largest result, in bytes; and most that is written of errors."""

MAX_MEMORY: Final = 512 * 1024 * 1024
"""Most memory that it may take, in bytes."""

_PROGRAM: Final = """\
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
processor, memory, size = map(int, sys.argv[2:5])
for kind, limit in (("CPU", processor), ("AS", memory), ("FSIZE", size), ("CORE", 0)):
    try:
        resource.setrlimit(getattr(resource, "RLIMIT_" + kind), (limit, limit + (kind == "CPU")))
    except (ValueError, OSError):
        pass
try:
    open("/proc/self/oom_score_adj", "w").write("1000")
except OSError:
    pass
sys.path.insert(0, sys.argv[1])
from grpc_tools._protoc_compiler import run_main
sys.exit(run_main([argument.encode() for argument in sys.argv[5:]]))
"""
"""Where memory is short, the system ends the compiler before its parent."""

_IN_MEMORY: Final = hasattr(os, "memfd_create")

_PACKAGES: Final = ("google/api", "google/longrunning", "google/rpc", "google/type")
"""Folders of googleapis-common-protos that schemas import."""

_STOPPED: Final = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
"""Whoever ends this process may send them to the compiler, too."""

_NOISE: Final = re.compile(r"WARNING: All log messages|[IWEF]\d{4} |\*\*\* |.*: warning: ")


def compile_texts(texts: Mapping[str, str], titles: Mapping[str, str], known: bytes = b"") -> bytes:
    """The FileDescriptorSet of these .proto texts (by the names under which they import each other) and of all that
    they import. `known` is a FileDescriptorSet of more files that they may import. `titles` are the names for errors.

    Raises SchemaError with protoc's words. OSError: this process can't start another one, has no file descriptor left,
    or the other was stopped; ImportError: the compiler isn't complete. Both say nothing of the schema.
    """
    with ExitStack() as stack:
        files = {name: stack.enter_context(_nameless(text.encode())) for name, text in texts.items()}
        output, errors = stack.enter_context(_nameless(b"")), stack.enter_context(_nameless(b""))
        arguments = [f"-I{name}={_path(file)}" for name, file in files.items()]
        passed = [*files.values(), output]
        if known:
            passed.append(stack.enter_context(_nameless(known)))
            arguments.append(f"--descriptor_set_in={_path(passed[-1])}")
        status = _run(
            [*arguments, *_includes(), "--include_imports", f"--descriptor_set_out={_path(output)}", *texts],
            [file.fileno() for file in passed],
            errors,
        )
        if status == 0:
            return os.pread(output.fileno(), MAX_OUTPUT, 0)
        said = os.pread(errors.fileno(), 65_536, 0).decode("utf-8", "replace")
        for name, file in files.items():
            said = re.sub(rf"{_path(file)}(?=:)", titles.get(name, name).replace("\\", ""), said)
        raise SchemaError(_why(status, said))


@contextmanager
def _nameless(data: bytes) -> Iterator[IO[bytes]]:
    """A file that is gone when it is closed, or its process ends."""
    # Also where the root file system is read-only. Other systems than Linux have no such call.
    with os.fdopen(os.memfd_create("proto"), "w+b") if _IN_MEMORY else tempfile.TemporaryFile("w+b") as file:
        file.write(data)
        file.flush()
        file.seek(0)
        yield file


def _path(file: IO[bytes]) -> str:
    return f"/dev/fd/{file.fileno()}"


def _includes() -> list[str]:
    folder = _compiler()
    packages = [(name, folder.parent / name) for name in _PACKAGES]
    return [f"-I{folder / '_proto'}", *(f"-I{name}={path}" for name, path in packages if path.is_dir())]


def _compiler() -> Path:
    spec = importlib.util.find_spec("grpc_tools")
    if spec is None or not spec.submodule_search_locations:
        raise MissingExtra("protobuf", "a Protobuf schema that is text")
    return Path(spec.submodule_search_locations[0])


def _run(arguments: Sequence[str], descriptors: Sequence[int], errors: IO[bytes]) -> int:
    """protoc's exit status; below 0 the signal that ended it."""
    limits = [str(limit) for limit in (PROCESSOR_SECONDS, MAX_MEMORY, MAX_OUTPUT)]
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _PROGRAM, str(_compiler().parent), *limits, "protoc", *arguments],
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        # A key combination that ends this process isn't the schema's fault.
        start_new_session=True,
        # The compiler needs no secret of ours.
        env={name: os.environ[name] for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ},
    )
    try:
        with suppress(subprocess.TimeoutExpired):
            return process.wait(SECONDS)
        # Both processes may have been frozen for a time.
        return process.wait(SECONDS)
    except subprocess.TimeoutExpired:
        raise TimeoutError(errno.ETIMEDOUT, f"protoc doesn't end within {2 * SECONDS} s") from None
    finally:
        process.kill()
        process.wait()


def _why(status: int, said: str) -> str:
    if -status in _STOPPED:
        raise InterruptedError(errno.EINTR, f"protoc was stopped ({signal.Signals(-status).name})")
    if "Traceback (most recent call last)" in said:
        raise ImportError(f"protoc can't be started: {said.splitlines()[-1][:200]}")
    if status < 0:
        match signal.Signals(-status):
            case signal.SIGXCPU:
                why = f"it takes more than {PROCESSOR_SECONDS} s of the processor"
            case signal.SIGXFSZ:
                why = "its result, or the list of its errors, is too large"
            case other:
                why = f"it ends the compiler ({other.name})"
        return f"protoc can't compile the schema: {why}"
    lines = [line.strip() for line in said.splitlines() if line.strip() and not _NOISE.match(line)]
    more = f" (and {len(lines) - 2} more)" if len(lines) > 2 else ""
    return (" ".join(lines[:2])[:400] or f"protoc ends with status {status}") + more
