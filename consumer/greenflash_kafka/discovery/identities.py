"""Paths that say whose a fact is, which conversation it is of, and which fact it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_table import PathTable, weighted
from greenflash_kafka.discovery.path_values import PathValues, path_text, words_of
from greenflash_kafka.discovery.personal_values import personal
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.expressions.paths import Steps

ID_WORDS: Final = frozenset(("id", "uuid", "guid", "key", "number", "ref", "reference", "code"))

_USERS: Final = {
    "user": 1.0, "customer": 0.9, "member": 0.8, "subscriber": 0.8, "client": 0.7, "buyer": 0.8, "shopper": 0.8,
    "contact": 0.6, "person": 0.7, "visitor": 0.5, "requester": 0.7, "userid": 1.0, "uid": 0.9, "customerid": 0.9,
    "anonymous": 0.3, "profile": 0.5, "patient": 0.7, "guest": 0.6, "account": 0.3, "holder": 0.5,
}  # fmt: skip
_ORGANIZATIONS: Final = {
    "organization": 1.0, "organisation": 1.0, "org": 1.0, "tenant": 0.9, "company": 0.9, "workspace": 0.9,
    "account": 0.7, "team": 0.5, "group": 0.5,
}  # fmt: skip
_CONVERSATIONS: Final = {"conversation": 1.0, "thread": 0.9, "chat": 0.9, "call": 0.5, "dialog": 0.8, "session": 0.3}

KINDS: Final = {"user": _USERS, "organization": _ORGANIZATIONS, "conversation": _CONVERSATIONS}

_NOT_IDS: Final = frozenset(
    ("name", "type", "email", "status", "agent", "count", "segment", "note", "locale", "language", "country", "role",
     "tax", "exempt", "phone", "created", "at", "balance", "url", "ip", "currency", "time", "date", "version",
     "description", "title", "body", "text", "subject", "tags", "attempt", "number", "plan", "tier", "group", "size",
     "commit", "owner", "modified", "updated", "operator", "assignee")
)  # fmt: skip
_MOST: Final = 16
_RARE: Final = 0.02
_COMMON: Final = 0.2
_NEARLY: Final = 0.95
_ENOUGH: Final = 20


class Identity(msgspec.Struct, frozen=True):
    """A path that may say whose a fact is. `share`: of documents that have it, `facts`: of those that rules are
    proposed for; `key`: of those whose record's key it is; `number`: its values are numbers; `best`: the score among
    the messages of the kind that has it most."""

    way: Steps
    score: float
    share: float
    distinct: int
    key: float = 0.0
    number: bool = False
    facts: float = 0.0
    best: float = 0.0

    @property
    def text(self) -> str:
        """The expression that reads it."""
        return f"text({path_text(self.way)})" if self.number else path_text(self.way)


def identity_candidates(table: PathTable, kind: str) -> list[Identity]:
    """Paths that may be the id of a user, an organization, a conversation, by their words; the best first."""
    words = KINDS[kind]
    found = []
    for each in table.paths.values():
        share = table.share(each.way)
        if each.in_a_list or share < _RARE or not each.is_mostly("text", "integer") or personal(each):
            continue
        if each.distinct.count == 1 and each.present >= _ENOUGH:
            continue  # the sender's own account, the same in every message
        score = _score(each.way, words)
        if score > 0:
            number = each.is_mostly("integer")
            found.append(Identity(each.way, score, share, each.distinct.count, 0.0, number))
    return sorted(found, key=lambda each: (-_ranked(each, each.share), each.way))[:_MOST]


def best_identities(found: Iterable[Identity], facts: Sequence[tuple[PathTable, int]]) -> tuple[Identity, ...]:
    """Identities with their final score, the best first: those that the messages have that rules are proposed for;
    `facts` has the paths of each kind of them, and how many messages there are. What fewer have comes last, where it is
    the id of a kind of its own."""
    ranked, own = [], []
    for each in found:
        shares = [table.share(each.way) for table, _ in facts]
        share = weighted(shares, facts) if facts else each.share
        best = _ranked(each, max(shares, default=share))
        one = msgspec.structs.replace(each, score=_ranked(each, share), facts=share, best=best)
        if share >= _COMMON:
            ranked.append(one)
        elif max(shares, default=0.0) >= _NEARLY:
            own.append(one)

    def best_first(some: list[Identity]) -> list[Identity]:
        return sorted(some, key=lambda each: (-each.score, each.way))

    return (*best_first(ranked), *best_first(own)) if ranked else ()


def _ranked(found: Identity, share: float) -> float:
    return round(found.score * (0.5 + 0.5 * share) - 0.05 * (len(found.way) - 2), 4)


def _score(way: Steps, words: dict[str, float]) -> float:
    """How surely a path's name says that it is this kind of id: `user_id`, `user.id`, `customer`."""
    last = words_of((way[0], way[-1]))
    above = words_of((way[0], way[-2])) if len(way) > 2 else ()
    if not last or set(last) & _NOT_IDS - {"group"} or way[0] == "kafka":
        return 0.0
    if last == ("id",) or last == ("uuid",):
        return max((words.get(word, 0.0) for word in above[-1:]), default=0.0) * (1.0 if len(above) == 1 else 0.75)
    own = max((words.get(word, 0.0) for word in last), default=0.0)
    if not own:
        return 0.0
    rest = [word for word in last if word not in words and word not in ID_WORDS and word != "external"]
    factor = 1.0 if last[-1] in ID_WORDS or last[-1] in ("userid", "uid", "customerid") else 0.75
    return own * factor - 0.25 * len(rest)


def currencies(table: PathTable) -> list[PathValues]:
    """Paths of currency codes, those with a telling name and the shortest first."""
    found = [
        each
        for each in table.paths.values()
        if not each.in_a_list and each.is_mostly("text") and each.values and not each.more and _are_codes(each)
    ]
    return sorted(found, key=lambda each: ("currency" not in words_of(each.way), len(each.way), each.way))


def _are_codes(found: PathValues) -> bool:
    known = sum(count for text, count in found.values.items() if text.upper() in EXPONENTS)
    # Three letters alone may be a word: `all`, `try`.
    named = bool({"currency", "iso", "ccy", "cur"} & set(words_of(found.way)))
    return known >= 0.95 * sum(found.values.values()) and (named or all(text.isupper() for text in found.values))
