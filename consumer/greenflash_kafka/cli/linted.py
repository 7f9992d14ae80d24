"""The work of `lint`: the findings of the files, under the configuration that says what they must not read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.cli import style
from greenflash_kafka.cli.finding_reports import FORMATS
from greenflash_kafka.cli.preset_versions import newer_presets
from greenflash_kafka.config.location import config_file, variable
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.ruleset import ReadBehind


def show(
    paths: Sequence[Path],
    file: Path | None,
    environ: Mapping[str, str],
    form: str,
    samples: Sequence[Path] = (),
    *,
    strict: bool,
    ask: bool = False,
) -> int:
    """Print every finding of these paths; 1 when one of them fails. `file` is the config file, if one was given;
    `samples` are folders of samples. `ask`: look at the schemas that the registry has now, which may raise
    `ConfigInvalid` and `RegistryUnusable`."""
    folder = None
    if ask:
        from greenflash_kafka.cli.try_registry import pulled  # files alone need no client

        folder = pulled(file, environ, paths)
    dead_letters, registry = None, None
    found = config_file(file, environ)
    if found is not None or variable(("dead_letter", "topic")) in environ:
        from greenflash_kafka.config.load import examine  # costs as much as all the rest of lint

        # What else is wrong with the configuration is `doctor`'s to say: here it may have none of its secrets.
        config, _ = examine(found, environ, required=())
        if config is not None:
            dead_letters, registry = config.dead_letter.topic, config.schema_registry.url is not None
    linted = lint(paths, environ, dead_letters, samples, registry=registry, folder=folder)
    findings = tuple(sorted((*linted.findings, *newer_presets(paths))))
    if form == "text" and linted.ruleset is not None and linted.ruleset.read_behind:
        style.show("\n".join(map(read_behind_words, linted.ruleset.read_behind)) + "\n")
    style.show(FORMATS[form](findings))
    failing = ("error", "warning") if strict else ("error",)
    return 1 if any(each.severity in failing for each in findings) else 0


def read_behind_words(each: ReadBehind) -> str:
    """How far behind a topic is read, and because of which conversations."""
    behind, sources = duration_text(each.behind_ms), ", ".join(source.name for source in each.sources)
    return f"{each.topic} is read {behind} and up to 6 s behind: {', '.join(each.rules)} may link to {sources}"
