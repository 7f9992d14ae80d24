"""Conversations as the service knows them at the end of a run, compared with the generator's plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from greenflash_kafka.demo.planned_links import Planned
from greenflash_kafka.sandbox.conversation_totals import ByChance
from greenflash_kafka.sandbox.running import Sandbox


class LinkReport(msgspec.Struct, frozen=True):
    """The links of a run.

    `told` is what the sandbox adds up (`GET /_sandbox/conversations`). `planned` counts the stored events of rules that
    link, `as_planned` those that have the conversation that the generator planned, or none where it planned none;
    `linked` those that have one, `led` those whose conversation led to them in truth. `by_chance` None: not worked out.
    """

    told: Mapping[str, Any]
    planned: int
    as_planned: int
    linked: int
    led: int
    by_chance: ByChance | None

    def to_plain(self) -> dict[str, Any]:
        """The part of the summary that `--json` prints."""
        plain = {name: self.told[name] for name in ("outcomes", "found", "told", "no_user", "no_chat", "money")}
        mine = {name: getattr(self, name) for name in ("planned", "as_planned", "linked", "led")}
        return plain | mine | {"by_chance": msgspec.to_builtins(self.by_chance)}


def report_links(sandbox: Sandbox, planned: Mapping[str, Planned], by_chance: ByChance | None) -> LinkReport:
    """Look at every stored event. Raises SandboxFailed."""
    counted = as_planned = linked = led = 0
    for event in sandbox.events():
        plan = planned.get(event.get("insertId", ""))
        if plan is None:
            continue
        conversation = event.get("externalConversationId", "")
        counted += 1
        as_planned += conversation == plan.conversation
        linked += conversation != ""
        led += plan.led and conversation == plan.conversation
    return LinkReport(sandbox.conversations(), counted, as_planned, linked, led, by_chance)
