"""A sandbox to ask."""

from __future__ import annotations

import pytest

from greenflash_kafka.sandbox.api import Api
from tests.fakes.asked_sandbox import Asked


@pytest.fixture
def asked() -> Asked:
    """A sandbox that takes any key."""
    return Asked(Api())
