"""Writes the reference pages from the code that they describe: `make docs`.

`python docs/generate.py --check` writes nothing and exits 1 when a page is stale (a test does the same).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from greenflash_kafka.cases.cases_spec import cases_file_lines, cases_schema_text
from greenflash_kafka.cli.function_reference import function_lines
from greenflash_kafka.config.config_schema import config_schema_text
from greenflash_kafka.config.location import variable
from greenflash_kafka.config.model import FLAGS, WELL_KNOWN, Config, leaves
from greenflash_kafka.delivery.policy import RULES, SENT, TABLE
from greenflash_kafka.instrumentation.catalogue import METRICS, NOTICES, PREFIX
from greenflash_kafka.mappings.mapping_schema import schema_text
from greenflash_kafka.mappings.reference import finding_lines, mapping_file_lines
from greenflash_kafka.sandbox.fault_schema import fault_schema_text
from greenflash_kafka.tracking.plan_spec import plan_lines, plan_schema_text

DOCS = Path(__file__).parent
_MADE = "<!-- Made by docs/generate.py from {source}: edit that, then run `make docs`. -->"


def pages() -> dict[str, str]:
    """Every generated page: file name to content."""
    return {
        "configuration.md": _page("consumer/greenflash_kafka/config/model.py", "Configuration", _configuration()),
        "notices.md": _page(
            "consumer/greenflash_kafka/instrumentation/catalogue.py", "Notices and metrics", _notices()
        ),
        "mapping-files.md": _page("consumer/greenflash_kafka/mappings/spec.py", "Mapping files", mapping_file_lines()),
        "functions.md": _page("consumer/greenflash_kafka/expressions/functions", "Functions", function_lines()),
        "cases-files.md": _page("consumer/greenflash_kafka/cases/cases_spec.py", "Cases files", cases_file_lines()),
        "tracking-plan.md": _page("consumer/greenflash_kafka/tracking/plan_spec.py", "Tracking plan", plan_lines()),
        "findings.md": _page("consumer/greenflash_kafka/documents/codes.py", "Findings", finding_lines()),
        "delivery.md": _page("consumer/greenflash_kafka/delivery/policy.py", "How delivery reacts", _delivery()),
        "../mappings/schema.json": schema_text(),
        "../mappings/cases.schema.json": cases_schema_text(),
        "../mappings/events.schema.json": plan_schema_text(),
        "configuration.schema.json": config_schema_text(),
        "faults.schema.json": fault_schema_text(),
    }


def stale() -> list[str]:
    """The pages whose file isn't what the code says."""
    return [name for name, content in pages().items() if not _is_there(DOCS / name, content)]


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` only say which ones are stale."""
    if "--check" in arguments:
        for name in stale():
            print(f"docs/{name} is stale: run `make docs`")
        return 1 if stale() else 0
    for name, content in pages().items():
        (DOCS / name).write_text(content, encoding="utf-8")
    return 0


def _is_there(path: Path, content: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == content


def _page(source: str, title: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", _MADE.format(source=source), "", *lines]) + "\n"


def _configuration() -> Iterator[str]:
    yield "The config file is the one that `--config` names, else the variable `GREENFLASH_KAFKA_CONFIG`, else"
    yield "`greenflash-kafka.yaml` in the folder where the command runs, if it is there."
    yield ""
    yield "Every key can stand in that file (YAML, without the prefix), and in an environment variable:"
    yield "`GREENFLASH_KAFKA_` and the path, in capitals, with `__` between levels. A flag wins over a variable, a"
    yield "variable over the file. Unknown keys are refused with the nearest right name. A secret itself never stands"
    yield "in the YAML file: it comes from the environment, or from a file that is named."
    yield ""
    yield "Its JSON schema is [configuration.schema.json](configuration.schema.json). An editor completes and checks"
    yield "while you type if the file begins with this line, which names a copy of the schema by its path:"
    yield ""
    yield "```yaml"
    yield "# yaml-language-server: $schema=./configuration.schema.json"
    yield "```"
    yield ""
    short = {path: name for name, path in WELL_KNOWN.items()}
    sections = dict.fromkeys(path[0] for path, _ in leaves() if len(path) > 1)
    for section in ["", *sections]:
        if section:
            yield f"## {section}"
            yield ""
            yield Config.model_fields[section].annotation.__doc__ or ""
            yield ""
        else:
            yield "## Top level"
            yield ""
        yield "| key | default | what it is | also as |"
        yield "|---|---|---|---|"
        for path, info in leaves():
            if (path[0] if len(path) > 1 else "") == section:
                yield _key_row(path, info, short.get(path))
        yield ""
    yield from _environment()


def _key_row(path: tuple[str, ...], info: FieldInfo, short: str | None) -> str:
    key = ".".join(path)
    also = [f"`{name}`" for name in (FLAGS.get(key), short) if name]
    return f"| `{key}` | {_default(info)} | {_cell(info.description or '')} | {', '.join(also)} |"


def _default(info: FieldInfo) -> str:
    value: Any = info.get_default(call_default_factory=True)
    if value in (None, "", {}) or isinstance(value, SecretStr):
        return ""
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.isoformat() if isinstance(value, datetime) else value}`"


def _environment() -> Iterator[str]:
    yield "## Names of environment variables"
    yield ""
    yield f"`kafka.group` is `{variable(('kafka', 'group'))}`, and so on. Some have a shorter name as well; the long"
    yield "name wins when both are set."
    yield ""
    yield "| variable | key |"
    yield "|---|---|"
    for name, path in WELL_KNOWN.items():
        yield f"| `{name}` | `{'.'.join(path)}` |"


def _notices() -> Iterator[str]:
    yield "A notice is a log line with a name of its own; the list is closed, so alerts can rely on it. *info* needs no"
    yield "action. *warning* needs investigation, but not at once. *error* persists until somebody acts, or until the"
    yield "cause outside of this program ends. While a condition is open, `/health/ready` answers 503 and names it."
    yield ""
    yield "| notice | level | what it means | what to do | opens | closes |"
    yield "|---|---|---|---|---|---|"
    for notice in NOTICES:
        cells = (f"`{notice.name}`", notice.level, notice.meaning, notice.action, notice.opens, notice.closes)
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield ""
    yield "## Metrics"
    yield ""
    yield "Prometheus text and OpenMetrics at `/metrics`. A gauge above its limit makes the process not ready."
    yield ""
    yield "| metric | kind | labels | what it counts | not ready above |"
    yield "|---|---|---|---|---|"
    for metric in METRICS:
        name = PREFIX + metric.name.removesuffix("_total") + ("_total" if metric.kind == "counter" else "")
        limit = "" if metric.unready_above is None else f"{metric.unready_above:g}"
        row = (f"`{name}`", metric.kind, ", ".join(metric.labels), metric.help, limit)
        yield "| " + " | ".join(_cell(cell) for cell in row) + " |"


def _delivery() -> Iterator[str]:
    yield "The dispatcher sends events while the delivery is *closed*, as a circuit breaker is. Operators find what to"
    yield "do about [a paused delivery](operations.md#a-paused-delivery) on their page; the constants are in the code."
    yield ""
    yield "| state | what is sent |"
    yield "|---|---|"
    for state, sent in SENT.items():
        yield f"| {state} | {sent} |"
    yield ""
    yield "The table has one row for each response or moment in each state. Each row has a test of its name."
    yield ""
    yield "| row | state | when | next state | reason of the pause | the event | a requested wait |"
    yield "|---|---|---|---|---|---|---|"
    for row in TABLE:
        states, when = ", ".join(row.states), "; or ".join(row.inputs)
        reason = "this response" if row.new_reason else ""
        cells = (f"`{row.name}`", states, when, row.to or "stays", reason, row.fate, row.wish)
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield ""
    for rule in RULES:
        yield f"- {rule}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
