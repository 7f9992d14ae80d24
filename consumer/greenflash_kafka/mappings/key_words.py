"""Keys that other tools have, and what a rule and its event call them."""

from __future__ import annotations

from typing import Final

OTHER_WORDS: Final = {
    **dict.fromkeys(
        (
            "if",
            "filter",
            "filters",
            "condition",
            "conditions",
            "match",
            "matches",
            "matching",
            "on",
            "only",
            "criteria",
        ),
        "conditions stand below `when`: when: {type: order.paid}; an expression is a `where`",
    ),
    **dict.fromkeys(
        ("then", "emit", "output", "outputs", "action", "actions", "do", "send", "produce", "result", "events", "to"),
        "what is sent stands below `event`: event: {event_type: ...}",
    ),
    **dict.fromkeys(
        ("set", "vars", "variables", "define", "with", "var"), "names for values stand below `let`: let: {total: = ...}"
    ),
    **dict.fromkeys(
        ("for", "foreach", "for_each", "loop", "unnest", "explode", "items"),
        "a rule runs once for each element of a list by `each`: each: payload.items",
    ),
    **dict.fromkeys(("id", "title", "rule", "label"), "a rule's name stands behind `name`: name: order_paid"),
    **dict.fromkeys(("comment", "comments", "note", "notes", "doc"), "write description, or a comment behind #"),
    **dict.fromkeys(("topic", "topics"), "topics belong to the file, beside `rules`: source: {topics: [...]}"),
    "properties": "`properties` belong under `event`",
}
"""A rule's keys, by the word that somebody else has."""

FIELD_WORDS: Final = {
    **dict.fromkeys(
        (
            "customer_id",
            "client_id",
            "user",
            "userid",
            "customer",
            "customerId",
            "contact_id",
            "member_id",
            "person_id",
            "distinct_id",
        ),
        "your own id of a person is external_user_id",
    ),
    **dict.fromkeys(
        (
            "account_id",
            "org_id",
            "company_id",
            "tenant_id",
            "team_id",
            "workspace_id",
            "group_id",
            "organization",
            "company",
            "account",
        ),
        "your own id of an organization is external_organization_id",
    ),
    **dict.fromkeys(
        ("session_id", "chat_id", "thread_id", "call_id", "ticket_id", "conversation"),
        "your own id of a conversation is external_conversation_id",
    ),
    **dict.fromkeys(("event", "type", "name", "event_name", "action"), "the event's name is event_type"),
    **dict.fromkeys(
        ("id", "event_id", "message_id", "dedupe_id", "idempotency_key", "unique_id", "uuid", "key"),
        "what makes an event the same when it is sent twice is insert_id",
    ),
    **dict.fromkeys(
        ("time", "timestamp", "created_at", "occurred_at", "event_time", "date", "at", "ts"),
        "the moment of the event is event_at",
    ),
    **dict.fromkeys(("amount", "price", "total", "revenue", "sum"), "an amount is the event's value"),
    "currency": "the currency belongs below `properties`: properties: {currency: ...}",
    **dict.fromkeys(
        ("metadata", "attributes", "props", "data", "fields", "custom", "extra", "tags", "labels"),
        "values of your own belong below `properties`",
    ),
    **dict.fromkeys(("sentiment", "impact", "polarity"), "good or bad news is the event's influence"),
    **dict.fromkeys(("score", "quality"), "a score is quality_impact_score"),
    **dict.fromkeys(("project_id", "app_id", "product"), "the product's UUID is product_id"),
}
"""An event's fields, by the word that somebody else has."""
