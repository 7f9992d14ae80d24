"""The place where reading of a partition begins if nothing says how far it was read."""

from __future__ import annotations

from typing import Literal

StartAt = Literal["latest", "earliest"] | int
"""`latest`, `earliest`, or a time in milliseconds since 1970."""
