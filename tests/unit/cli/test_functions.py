"""`greenflash-kafka functions`: the list, an entry, and what is said of an unknown name."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from greenflash_kafka.cli.functions import command
from greenflash_kafka.expressions.functions.registry import FUNCTIONS


def _shown(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return result.output


def test_each_function_has_a_line() -> None:
    lines = _shown().splitlines()
    for function in FUNCTIONS.values():
        assert [line for line in lines if function.signature in line and line.endswith(function.doc)]


def test_an_entry_has_arguments_example_and_problems() -> None:
    entry = _shown("substring")
    assert "substring(x, start, length?) gives text." in entry
    assert "  length       a whole number, 0 or more (optional)" in entry
    assert '  substring("order.paid", 1, 5) gives "order"' in entry
    assert '  substring("a", 0) is the problem bad-number' in entry


def test_the_same_as_json() -> None:
    everything = json.loads(_shown("--json"))
    assert [each["name"] for each in everything] == list(FUNCTIONS)
    assert json.loads(_shown("time", "--json")) == next(each for each in everything if each["name"] == "time")


@pytest.mark.parametrize(
    ("name", "advice"),
    [("strip", "Did you mean 'trim'?"), ("uper", "Did you mean 'upper'?"), ("if", "Write a if condition else b.")],
)
def test_an_unknown_name_is_wrong_usage(name: str, advice: str) -> None:
    result = CliRunner().invoke(command, [name])
    assert result.exit_code == 2
    assert f"there is no function '{name}'. {advice}" in result.output


def test_a_shell_completes_names() -> None:
    words = ShellComplete(command, {}, "functions", "_COMPLETE").get_completions([], "starts")
    assert [(each.value, each.help) for each in words] == [("starts_with", FUNCTIONS["starts_with"].doc)]


def test_it_starts_without_the_client_the_sdk_and_pydantic() -> None:
    script = "import sys; from greenflash_kafka.cli.main import run; run(['functions']); print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert not {"confluent_kafka", "greenflash", "pydantic"} & set(done.stdout.split())
