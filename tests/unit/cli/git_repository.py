"""A git repository of rules for tests."""

from __future__ import annotations

import subprocess
from typing import Final

RULES: Final = """\
version: 1
source: {topics: [orders]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      insert_id: = payload.id
"""


def git(*arguments: str, given: bytes = b"") -> str:
    """What git answers in this folder."""
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "protocol.file.allow=always")
    answer = subprocess.run(["git", *who, *arguments], check=True, capture_output=True, input=given)
    return answer.stdout.decode().strip()
