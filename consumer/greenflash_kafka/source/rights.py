"""Rights that the brokers refuse, with the commands that grant them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Literal

Access = Literal["Read", "Write"]


def grant_command(properties: Mapping[str, str], operation: str, *, topic: str = "", group: str = "") -> str:
    """The command that grants the user of these client properties an operation, such as Read, on a topic or a group.
    The user is `NAME` where a certificate, a token or a ticket says who it is."""
    by_password = properties.get("sasl.mechanism", properties.get("sasl.mechanisms", "")).upper()
    known = by_password == "PLAIN" or by_password.startswith("SCRAM")
    user = properties.get("sasl.username", "NAME") if known else "NAME"
    on = f"--topic {shlex.quote(topic)}" if topic else f"--group {shlex.quote(group)}"
    return (
        f"kafka-acls.sh --bootstrap-server {properties.get('bootstrap.servers', 'SERVERS')} --add "
        f"--allow-principal {shlex.quote(f'User:{user}')} --operation {operation} {on}"
    )


def topic_refusal(properties: Mapping[str, str], access: Access, topic: str) -> str:
    """The text of `NotAllowed` about a topic."""
    command = grant_command(properties, access, topic=topic)
    return f"this user may not {access.lower()} the topic {topic!r}. Grant it: {command}"


def group_refusal(properties: Mapping[str, str], group: str) -> str:
    """The text of `NotAllowed` about a consumer group."""
    command = grant_command(properties, "Read", group=group)
    return f"this user may not read as the consumer group {group!r} (GROUP_AUTHORIZATION_FAILED). Grant it: {command}"
