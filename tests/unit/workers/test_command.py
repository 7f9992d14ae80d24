from __future__ import annotations

import pytest
from click.testing import CliRunner

from consumer.cli.run import command
from consumer.workers.command import Place, arguments, interpreter


def test_a_place_is_what_it_says() -> None:
    assert Place.parse(str(Place(2, 4, 7, 9))) == Place(2, 4, 7, 9)


@pytest.mark.parametrize("text", ["", "1", "1/2", "1/2:3", "a/b:c:d", "1/2:3:4:5"])
def test_anything_else_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Place.parse(text)


@pytest.mark.parametrize(
    ("orig", "argv", "begin"),
    [
        (["python3", "/bin/greenflash-kafka", "run"], ["/bin/greenflash-kafka", "run"], ["/bin/greenflash-kafka"]),
        (["python", "-m", "consumer", "run", "--json"], ["/x/__main__.py", "run", "--json"], ["-m", "consumer"]),
        (["python", "-P", "-X", "dev", "-m", "consumer", "run"], ["/x", "run"], ["-P", "-X", "dev", "-m", "consumer"]),
        (["python"], ["/somewhere", "run"], ["-m", "consumer"]),
    ],
)
def test_a_worker_is_started_as_its_supervisor_was(orig: list[str], argv: list[str], begin: list[str]) -> None:
    assert interpreter("/venv/bin/python", orig, argv) == ["/venv/bin/python", *begin]


def test_flags_are_given_again() -> None:
    given = {"--config": None, "--mappings": ["a", "-b"], "--until-idle": 5.0, "--dry-run": None, "--json": True}
    assert arguments(given) == ["--mappings=a", "--mappings=-b", "--until-idle=5.0", "--json"]


def test_the_flag_of_workers_is_nobodys_to_use() -> None:
    assert "as-worker" not in CliRunner().invoke(command, ["--help"]).output
