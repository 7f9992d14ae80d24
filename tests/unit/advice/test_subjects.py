"""Events that Greenflash can relate to nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding

Advice = Callable[[str, str], tuple[Finding, ...]]
USER = "      external_user_id: = payload.user\n"


def test_an_event_without_user_organization_or_conversation_is_noticed(advice: Advice) -> None:
    (found,) = advice(USER, "")
    assert (found.line, found.column, found.code) == (6, 5, "no-subject")
    assert found.hint == "add external_user_id: = payload.<the user's id>"


@pytest.mark.parametrize("field", ["external_organization_id", "external_conversation_id", "external_user_id"])
def test_one_of_them_is_enough(advice: Advice, field: str) -> None:
    assert advice(USER, f"      {field}: = payload.x\n") == ()
    assert advice(f"{USER}", "defaults: {" + field + ": = payload.x}\n") == ()
