"""HubSpot webhooks of the demo: lists of changes, few of which match a rule."""

from __future__ import annotations

from greenflash_kafka.demo.made import CRM, DAY_MS, Fact, Made, Maker, Moment, Payload, customers, to_json

_DEALS = 100_000_000
"""The first of the deals that the table knows, one for each customer."""

_MEETINGS = {"appointmentscheduled": "First meeting", "23894223": "Partner meeting"}


def noise(moment: Moment) -> Made:
    """One to four changes of names, owners and notes."""
    return _list(moment, [_noise_item(moment, i) for i in range(1 + moment.below(4))])


def imported(moment: Moment) -> Made:
    """Old customers brought in by an import: near a conversion, and none."""
    return _list(moment, [_lifecycle(moment, i, "customer", "IMPORT") for i in range(3)])


def empty(moment: Moment) -> Made:
    """A list of nothing."""
    return _list(moment, [])


def tombstone(moment: Moment) -> Made:
    """A delete marker."""
    return Made(CRM, _portal(moment), None)


def changes(moment: Moment) -> Made:
    """One to five changes; the first is a fact, any of the others may be."""
    items: list[Payload] = []
    facts: list[Fact] = []
    for i in range(1 + moment.below(5)):
        item, fact = _fact_item(moment, i) if i == 0 or moment.below(3) == 0 else (_noise_item(moment, i), None)
        items.append(item)
        if fact is not None:
            facts.append(fact)
    return _list(moment, items, *facts)


def meeting(moment: Moment) -> Made:
    """A meeting about a deal that the table knows, so that it can be told whose it is."""
    item, fact = _meeting(moment, 0, _DEALS + moment.customer)
    return _list(moment, [item], fact._replace(user=moment.user, at=item["occurredAt"], lookback=7 * DAY_MS))


def one_without_id(moment: Moment) -> Made:
    """A good change, and one that lacks its event id: the good one is sent, the message is a dead letter."""
    good, fact = _meeting(moment, 0)
    bad, _ = _meeting(moment, 1)
    del bad["eventId"]
    return _list(moment, [good, bad], fact)._replace(broken=True)


def no_list(moment: Moment) -> Made:
    """A text where a list should be: a dead letter."""
    return Made(CRM, _portal(moment), to_json(f"webhook {moment.n} timed out"), broken=True)


KINDS: tuple[tuple[int, Maker], ...] = (
    (135, noise),
    (20, imported),
    (4, empty),
    (3, tombstone),
    (70, changes),
    (2, one_without_id),
    (1, no_list),
)
"""The kinds of CRM messages, with how many of 1,000 messages are of each."""


def _list(moment: Moment, items: list[Payload], *facts: Fact) -> Made:
    return Made(CRM, _portal(moment), to_json(items), facts)


def _fact_item(moment: Moment, i: int) -> tuple[Payload, Fact]:
    kind = moment.below(4)
    if kind == 0:
        stage = moment.one_of(("opportunity", "customer"))
        item = _lifecycle(moment, i, stage, "CRM_UI")
        return item, Fact("lead_converted", str(item["objectId"]), stage)
    if kind == 1:
        item = _item(moment, i, "contact.creation", "FORMS")
        return item, Fact("signup_completed", f"hubspot-{item['objectId']}", "website_form")
    if kind == 2 and moment.below(4) == 0:
        item = _property(moment, i, "deal", "dealstage", "98127734")
        return item, Fact("cancellation_requested", _key(item), "Renewal declined")
    return _meeting(moment, i)


def _meeting(moment: Moment, i: int, deal: int | None = None) -> tuple[Payload, Fact]:
    stage = moment.one_of(tuple(_MEETINGS))
    item = _property(moment, i, "deal", "dealstage", stage)
    if deal is not None:
        item["objectId"] = deal
    return item, Fact("meeting_booked", _key(item), _MEETINGS[stage])


def _noise_item(moment: Moment, i: int) -> Payload:
    name = moment.one_of(("firstname", "hubspot_owner_id", "notes_last_updated", "dealstage"))
    return _property(moment, i, "deal" if name == "dealstage" else "contact", name, "closedlost")


def _lifecycle(moment: Moment, i: int, stage: str, source: str) -> Payload:
    return _property(moment, i, "contact", "lifecyclestage", stage) | {"changeSource": source}


def _property(moment: Moment, i: int, thing: str, name: str, value: str) -> Payload:
    item = _item(moment, i, f"{thing}.propertyChange", "CRM_UI")
    item["propertyName"] = name
    item["propertyValue"] = value
    item["sourceId"] = "userId:70"
    return item


def _item(moment: Moment, i: int, subscription: str, source: str) -> Payload:
    return {
        "eventId": 1 + moment.n % 977,  # HubSpot doesn't promise that it is unique
        "subscriptionId": 12345 + i,
        "portalId": 62515,
        "appId": 54321,
        "occurredAt": moment.ms - i,
        "subscriptionType": subscription,
        "attemptNumber": 0,
        "objectId": 501 + moment.n * 8 + i,
        "changeSource": source,
    }


def _portal(moment: Moment) -> str:
    return str(62515 + moment.n % 7)


def deals(n: int) -> str:
    """The table that knows whose a deal is, as the CRM exports it; `n` is the first message's number."""
    rows = (f"{_DEALS + number},u-{number},org-{number % 211}" for number in customers(n))
    return "\n".join(("deal_id,user_id,account", *rows, ""))


def _key(item: Payload) -> str:
    return f"{item['eventId']}-{item['subscriptionId']}-{item['objectId']}-{item['occurredAt']}"
