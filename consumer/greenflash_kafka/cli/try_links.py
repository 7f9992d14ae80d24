"""The part of `try` that is about conversations: activities of the message, links of its events, and the reasons."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.link_reasons import (
    Searched,
    candidate_words,
    link_words,
    moment,
    search_lines,
    unasked,
)
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.conversations import Activity, Link
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.event import Event
from greenflash_kafka.redaction import visible

NOT_GIVEN = "no conversations given, so nothing is linked: --conversations chat.ndjson"


class Links(msgspec.Struct, frozen=True):
    """What was found about conversations. `told` None: none were given; `wrong`: what is wrong with those given;
    `own`, `others` as `Heard` has them. `of_topics`: they were read from Kafka, and not given in files."""

    activities: Activities
    events: tuple[Event, ...]
    searches: tuple[Searched, ...] = ()
    told: tuple[ToldActivity, ...] | None = None
    wrong: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    others: int = 0
    of_topics: bool = False

    @property
    def searched_for(self) -> tuple[ToldActivity, ...]:
        """The given activities that have a key by which an event searched."""
        keys = {(name, value) for each in self.searches for name, value in each.question.keys}
        return tuple(each for each in self.told or () if not keys.isdisjoint(each.activity.keys))

    def lines(self) -> list[str]:
        """For people; nothing if the message has nothing to do with conversations."""
        lines: list[str] = []
        if self.activities.found:
            lines += ["", "conversations:", *(f"  {_activity_words(each)}" for each in self.activities.found)]
        linked = [event for event in self.events if event.link is not None]
        if linked and self.told is None and any(_wanted(event) for event in linked):
            lines += ["", NOT_GIVEN]
        elif linked:
            lines += ["", "links:", *(f"  {_who(each)}: {link_words(each.link)}" for each in linked)]
            lines += [f"  {line}" for each in self.searches for line in search_lines(each)]
            if not any(each.candidates for each in self.searches):
                lines += [f"    {line}" for line in unasked(self.told or (), self.searches)]
        if linked and self.own:
            lines += ["  records that name an id of this event and give no activity:"]
            lines += [f"    {each}" for each in self.own]
        if linked and self.others:
            lines += [f"  {counted(self.others, 'activity', 'activities')} of other ids in this time"]
        if self.wrong:
            what = "other records of conversations" if self.of_topics else "the conversations given"
            lines += ["", f"errors in {what}:", *(f"  {each}" for each in self.wrong)]
        return [visible(each) for each in lines]

    def as_objects(self) -> dict[str, object]:
        """For programs; nothing if the message has nothing to do with conversations."""
        whole: dict[str, object] = {}
        if self.activities.found:
            whole["conversations"] = [_activity_object(each) for each in self.activities.found]
        linked = [event for event in self.events if event.link is not None]
        if linked:
            whole["conversations_given"] = self.told is not None
            whole["links"] = [_link_object(event, event.link) for event in linked if event.link is not None]
        if self.searches:
            whole["searches"] = [_search_object(each) for each in self.searches]
        if self.own:
            whole["records_without_activity"] = list(self.own)
        if self.wrong:
            whole["conversations_wrong"] = list(self.wrong)
        return whole


def _wanted(event: Event) -> bool:
    return event.link is not None and event.link.result not in ("own", "no-key", "no-time")


def _who(event: Event) -> str:
    return event.rule if event.item is None else f"{event.rule}, item {event.item}"


def _activity_words(activity: Activity) -> str:
    keys = ", ".join(f"{name} {value}" for name, value in activity.keys)
    return f"{activity.rule}: {activity.conversation} at {moment(activity.at)}, of {keys or 'nobody'}"


def _activity_object(activity: Activity) -> dict[str, object]:
    return {
        "source": activity.rule,
        "item": activity.item,
        "id": activity.conversation,
        "at": moment(activity.at),
        "keys": dict(activity.keys),
    }


def _link_object(event: Event, link: Link) -> dict[str, object]:
    at = {"at": moment(link.at)} if link.result == "linked" else {}
    known = {name: value for name, value in msgspec.to_builtins(link).items() if value not in ("", 0, None)}
    return {"rule": event.rule, "item": event.item, **known, **at}


def _search_object(each: Searched) -> dict[str, object]:
    question = each.question
    candidates: Sequence[dict[str, object]] = [
        {
            "conversation": candidate.conversation,
            "source": candidate.source,
            "at": moment(candidate.at),
            "logged": moment(candidate.logged),
            "horizon": moment(candidate.horizon),
            "verdict": candidate.verdict,
            "why": candidate_words(candidate, each),
        }
        for candidate in each.candidates
    ]
    return {
        "keys": dict(question.keys),
        "to": list(question.to),
        "at": moment(question.at),
        "lookback_ms": question.lookback,
        "touch": question.touch,
        "result": each.answer.result,
        "candidates": candidates,
    }
