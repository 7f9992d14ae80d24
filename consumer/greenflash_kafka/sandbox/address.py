"""The address of the API, below the address of the sandbox's page."""

from typing import Final

PREFIX: Final = "/api/v1"
EVENTS: Final = f"{PREFIX}/events"
