"""The flags of `backfill`, and the rules that can be named."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.rules.ruleset import Ruleset

_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")


class BackfillSettings(msgspec.Struct, frozen=True):
    """What the flags say beside the window. `topics` empty: all that the rules read; `rate`: requests a second; `name`
    empty: one that the rules' names make; `unlinked`: events whose conversation nobody can look up any more go out
    without one."""

    rules: tuple[str, ...]
    topics: Sequence[str] = ()
    mappings: Sequence[Path] = ()
    send: bool = False
    rate: float = 50.0
    name: str = ""
    as_json: bool = False
    unlinked: bool = False


def check(rules: Ruleset, settings: BackfillSettings) -> None:
    """That each rule is there, and can be backfilled. Raises click's usage error."""
    if not settings.rules:
        raise click.UsageError("--rules is empty: name the rules whose events are meant")
    for name in settings.rules:
        if name not in rules.rules:
            hint = did_you_mean(name, rules.rules)
            raise click.UsageError(f"--rules: there is no rule {name}" + (f"; {hint}" if hint else ""))
    drafts = [each for each in settings.rules if each in rules.drafts]
    if drafts:
        raise click.UsageError(f"--rules: drafts are never sent: {', '.join(drafts)}; take `draft: true` away first")
    if settings.name and _PLAIN_NAME.fullmatch(settings.name) is None:
        raise click.UsageError("--name takes letters, digits, '.', '_' and '-', at most 100")
    unread = [each for each in settings.topics if rules.rules_for(each) is None]
    if unread:
        raise click.UsageError(f"--topic: no rule reads {', '.join(unread)}")
    unread = [
        topic
        for topic in settings.topics
        if (found := rules.rules_for(topic)) is not None and set(settings.rules).isdisjoint(found.names)
    ]
    if unread:
        raise click.UsageError(
            f"--topic: no rule of --rules {', '.join(settings.rules)} reads {', '.join(unread)}: the topics of a rule "
            "are those of its file"
        )


def group_name(group: str, settings: BackfillSettings) -> str:
    """The group that keeps the progress."""
    name = settings.name or "+".join(sorted(settings.rules))
    if len(name) > 100:
        name = hashlib.sha256(name.encode()).hexdigest()[:12]
    return f"{group}.backfill.{name}"
