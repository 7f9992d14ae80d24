"""Every way of ending is an exit code, and help doesn't wait for what it doesn't need."""

from __future__ import annotations

import ast
import importlib
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest

from greenflash_kafka.cli import lazy_verbs, main
from greenflash_kafka.errors import ConfigInvalid, MappingsInvalid, SourceFailed

ROOT = Path(__file__).parents[3]
CLIENTS = ("greenflash", "confluent_kafka", "httpx", "pycurl", "pydantic", "prometheus_client", "asyncio", "ssl")
HEAVY = ("greenflash", "confluent_kafka", "httpx", "pycurl", "pydantic", "lark", "ruamel.yaml", "starlette", "msgspec")


def answer(monkeypatch: pytest.MonkeyPatch, does: object) -> None:
    """Let `lint` do this."""

    @click.command("lint")
    def command() -> object:
        if isinstance(does, BaseException):
            raise does
        return does

    monkeypatch.setattr(lazy_verbs.LazyVerbs, "get_command", lambda *_: command)


@pytest.mark.parametrize(
    ("does", "code"),
    [
        (0, 0),
        (None, 0),
        (1, 1),
        (MappingsInvalid("x"), 1),
        (ConfigInvalid("x"), 2),
        (SourceFailed("x"), 3),
        (click.UsageError("x"), 2),
        (click.FileError("x"), 2),
        (ZeroDivisionError("x"), 3),
        (KeyboardInterrupt(), 130),
        (SystemExit(3), 3),
        (BrokenPipeError(), 141),
    ],
)
def test_endings_and_their_codes(monkeypatch: pytest.MonkeyPatch, does: object, code: int) -> None:
    answer(monkeypatch, does)
    monkeypatch.setattr(main, "_silenced", lambda: main.NO_READER)
    assert main.run(["lint"]) == code


def test_an_internal_error_says_where_and_keeps_its_text_to_itself(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    answer(monkeypatch, ValueError("sk-canary"))
    assert main.run(["lint"]) == 3
    said = capfd.readouterr().err
    assert "internal error: ValueError at" in said
    assert "--traceback" in said
    assert "canary" not in said
    assert main.run(["--traceback", "lint"]) == 3
    assert "canary" in capfd.readouterr().err


def test_an_unknown_verb_is_a_usage_error_with_the_nearest_one(capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run(["lnit"]) == 2
    assert "Did you mean 'lint'?" in capfd.readouterr().err


@pytest.mark.parametrize("verb", main.VERBS)
def test_every_verb_has_a_module_and_examples_in_its_help(verb: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main.run([verb, "--help"]) == 0
    said = capfd.readouterr().out
    assert "Examples:" in said
    assert f"greenflash-kafka {verb}" in said


@pytest.mark.parametrize("verb", ["lint", "test"])
def test_what_works_on_files_alone_loads_no_network_client(verb: str) -> None:
    code = (
        "import sys; from greenflash_kafka.cli.main import run;"
        f"code = run([{verb!r}, 'mappings']);"
        f"print(code, [m for m in {CLIENTS} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stderr.strip() == "0 []"


def test_a_run_loads_the_sdk_and_what_serves_the_sandbox_only_when_it_needs_them() -> None:
    code = (
        "import sys; import greenflash_kafka.app.build;"
        "print([m for m in ('greenflash', 'httpx', 'starlette', 'uvicorn', 'rich') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("arguments", [["--help"], *([verb, "--help"] for verb in main.VERBS)])
def test_help_is_there_in_no_time_and_imports_nothing_heavy(arguments: list[str]) -> None:
    code = (
        "import sys; from greenflash_kafka.cli.main import run;"
        f"run({arguments!r}); print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr)"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stderr.strip() == "[]"
    # The promise is 0.3 s. CPU time, because the machine may be busy with something else.
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 0.3


def test_a_reader_that_leaves_is_no_error() -> None:
    command = f"{sys.executable} -m greenflash_kafka --help | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.strip() in ("0", "141")
    assert done.stderr == ""


def test_verbs_are_modules_of_the_same_name() -> None:
    for verb in main.VERBS:
        name = f"{verb}_" if verb in ("try", "conversations") else verb
        module = importlib.import_module(f"greenflash_kafka.cli.{name}")
        assert module.command.name == verb


def test_few_things_are_imported_late() -> None:
    late = set()
    for file in (ROOT / "consumer").rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                found = (each for each in ast.walk(function) if isinstance(each, ast.Import | ast.ImportFrom))
                late |= {f"{file.name}:{each.lineno}: {ast.unparse(each)}" for each in found}
    assert len(late) <= 37, sorted(late)
