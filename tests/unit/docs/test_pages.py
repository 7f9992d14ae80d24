"""The pages agree with the code: generated pages, examples, tables, links."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from ruamel.yaml import YAML

from greenflash_kafka.cases.case_runner import run as run_cases
from greenflash_kafka.cli.main import VERBS
from greenflash_kafka.config.load import load_config
from greenflash_kafka.dlq import letter_record
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter

ROOT = Path(__file__).parents[3]
STARTER = "consumer/greenflash_kafka/cli/starter"
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "mappings/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]


def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def examples(page: Path) -> list[str]:
    return re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL)


def test_the_reference_pages_are_fresh() -> None:
    assert generate().stale() == [], "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readmes_configuration_loads(tmp_path: Path) -> None:
    (text,) = [example for example in examples(ROOT / "README.md") if example.startswith("kafka:")]
    key = tmp_path / "key"
    key.write_text("secret")
    file = tmp_path / "config.yaml"
    file.write_text(text.replace("/run/secrets/greenflash-api-key", str(key)))
    config = load_config(file, {"KAFKA_PASSWORD": "x"})
    assert config.dead_letter.topic == "greenflash.dead-letters"


def test_the_deployment_of_the_scaling_page_is_a_configuration(tmp_path: Path) -> None:
    deployment, scaled = [YAML(typ="safe").load(example) for example in examples(ROOT / "docs/scaling.md")]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    environ = {each["name"]: each["value"] for each in container["env"]}
    key = tmp_path / "key"
    key.write_text("secret")
    config = load_config(None, environ | {"GREENFLASH_API_KEY_FILE": str(key)})
    (trigger,) = scaled["spec"]["triggers"]
    assert trigger["metadata"]["consumerGroup"] == config.kafka.group
    assert all(isinstance(value, str) for value in trigger["metadata"].values()), "Kubernetes takes nothing but text"
    limit = config.delivery.max_events_per_second
    assert limit is not None
    assert limit * scaled["spec"]["maxReplicaCount"] == 2000
    assert all(probe["httpGet"]["port"] == 9464 for name, probe in container.items() if name.endswith("Probe"))
    grace = deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert grace >= config.delivery.drain_seconds + 5


@pytest.mark.parametrize(
    ("compose", "config"),
    [("docker-compose.yml", None), (f"{STARTER}/compose.yaml", f"{STARTER}/config.yaml")],
    ids=["of the repository", "of init"],
)
def test_the_environment_of_a_compose_file_is_a_configuration(compose: str, config: str | None) -> None:
    services = YAML(typ="safe").load(ROOT / compose)["services"]
    environ = {
        name: re.sub(r"\$\{\w+:-(.*)\}", r"\1", value) for name, value in services["consumer"]["environment"].items()
    }
    loaded = load_config(None if config is None else ROOT / config, environ)
    assert loaded.greenflash.base_url == "http://sandbox:8787/api/v1"
    assert loaded.kafka.bootstrap_servers == "kafka:19092"


def test_the_readmes_rule_is_accepted(tmp_path: Path) -> None:
    (text,) = [example for example in examples(ROOT / "README.md") if example.startswith("version:")]
    (tmp_path / "rule.yaml").write_text(text)
    loaded = load([tmp_path], {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"})
    assert loaded.findings == ()


def test_every_header_of_a_dead_letter_is_explained() -> None:
    explained = set(re.findall(r"`(greenflash\.[a-z0-9_]+)`", (ROOT / "docs/operations.md").read_text()))
    letter = DeadLetter(Message("t", 0, 0, key=b"k", value=b"v"), "bad-payload", "")
    written = {
        name
        for form in letter_record.FORMS
        for name, _ in letter_record.encode(letter, letter_record.DeadLetterOrigin(), form).headers
    }
    assert written <= explained


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [verb for verb in VERBS if f"`greenflash-kafka {verb}" not in readme] == []


def test_every_named_test_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/.]+?\.py)(?:::(\w+))?`", (ROOT / "docs/faults.md").read_text()))
    assert named
    for file, function in named:
        assert (ROOT / file).exists(), file
        assert not function or f"def {function}(" in (ROOT / file).read_text(), f"{file}::{function}"


def test_every_fault_of_the_catalogue_has_a_row() -> None:
    rows = [line.split("|")[1] for line in (ROOT / "docs/faults.md").read_text().splitlines() if line.startswith("| ")]
    shown = set(re.findall(r"\b[PBAD]\d+\b", " ".join(rows)))
    catalogue = {"P": 16, "B": 11, "A": 14, "D": 11}
    wanted = {f"{kind}{number}" for kind, last in catalogue.items() for number in range(1, last + 1)}
    assert wanted - shown == set()


def test_the_example_of_the_linking_page_works_as_its_cases_say(tmp_path: Path) -> None:
    for example in examples(ROOT / "docs/linking.md"):
        name, _, text = example.removeprefix("# ").partition("\n")
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    product = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
    assert [each for each in load([tmp_path], product).findings if each.severity != "advice"] == []
    results = run_cases([tmp_path])
    assert [each.difference for each in results.results] == [""] * 7
    assert results.passed
