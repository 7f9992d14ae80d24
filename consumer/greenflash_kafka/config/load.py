"""One `Config` from flags, environment, file and defaults, in this order; all errors are reported together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from greenflash_kafka.config.checks import check_properties, check_required, check_secrets, validate
from greenflash_kafka.config.layers import Layers
from greenflash_kafka.config.model import Config
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.errors import ConfigInvalid


def load_config(
    file: Path | None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
    *,
    required: Collection[str] | None = None,
) -> Config:
    """The configuration of this run.

    `file` may be None (no file). `overrides` are the flags, by dotted key (`kafka.group`); None means not given.
    `required` are the keys that must have come from somewhere (None: what `run` needs, less for a dry run). Raises
    `ConfigInvalid`, whose text lists everything that is wrong, each with its place in the file, variable or flag; no
    value is part of it.
    """
    config, findings = examine(file, environ, overrides, required=required)
    if config is None or findings:
        count = f"{len(findings)} problem{'s' if len(findings) != 1 else ''}"
        raise ConfigInvalid(
            "\n".join(
                [
                    f"The configuration can't be used ({count}):",
                    *(_described(each) for each in findings),
                    "All keys are described in docs/configuration.md.",
                ]
            )
        )
    return config


def examine(
    file: Path | None,
    environ: Mapping[str, str],
    overrides: Mapping[str, object] | None = None,
    *,
    required: Collection[str] | None = None,
) -> tuple[Config | None, list[Finding]]:
    """Like `load_config`, but hands the findings back; the config is None when no value could be made of it."""
    layers = Layers(environ)
    if file is not None and not layers.add_file(file):
        return None, layers.findings
    layers.add_environment()
    layers.add_flags(overrides or {})
    check_required(layers, required)
    check_properties(layers)
    config = validate(layers)
    if config is not None:
        check_secrets(layers, config)
        flags = [key for key, value in (overrides or {}).items() if value is not None]
        config.note(layers.warnings, flags)
    return config, sorted(layers.findings)


def _described(finding: Finding) -> str:
    """One line for people, and the hint on a second."""
    line = f"{finding.where}: {finding.code}: {finding.message}"
    return f"{line}\n  hint: {finding.hint}" if finding.hint else line
