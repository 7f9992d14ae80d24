"""Mapping files from disk: find them, load them, give a ruleset or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from consumer.rules.findings import Finding
from consumer.rules.ruleset import Ruleset


class Loaded(msgspec.Struct, frozen=True):
    """What loading gave: `ruleset` is None when any finding is an error."""

    ruleset: Ruleset | None
    findings: tuple[Finding, ...]


def load(paths: Sequence[Path], env: Mapping[str, str], *, strict_env: bool = True) -> Loaded:
    """Load mapping files (a folder stands for every `*.yaml` and `*.yml` in and below it that isn't a cases file).

    `env` is what `${NAME}` reads. With `strict_env` false a missing variable is a warning and a placeholder stands
    for it, so that `lint` works on a machine without the deployment's settings. Never raises for content: a file
    that can't be read is a finding, too.
    """
    raise NotImplementedError
