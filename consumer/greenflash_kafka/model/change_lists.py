"""Names of fields that say which other fields of a message changed: HubSpot's, Zendesk's, Salesforce's."""

from __future__ import annotations

from typing import Final

CHANGED_FIELDS: Final = ("changedFields", "changed_fields")
CHANGE_HEADER: Final = "ChangeEventHeader"
"""Salesforce's: an object that has such a list."""

CHANGE_LISTS: Final = frozenset((*CHANGED_FIELDS, CHANGE_HEADER))
"""Rules with a transition look for all of them at each level of a path: no message has all, and most have none."""
