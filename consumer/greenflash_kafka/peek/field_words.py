"""Names of fields, by what their values usually are: of money, of counts and times, or of people."""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")

_AMOUNTS: Final = """
amount amounts price prices total subtotal sum cost costs fee fees tax taxes discount balance paid due
refund refunded revenue value mrr arr gross net cents credits debit quantity qty count seats units items
rate percent version size length duration seconds minutes hours days score rating level page limit
pence nanos nano micros millis
"""
_TIMES: Final = """
at on time timestamp ts date day created updated start starts started end ends ended expires expired period
since until when ms
"""
_PEOPLE: Final = """
name names first last given family user username login nick email mail phone tel telephone mobile fax
address street city town zip postal postcode ip birth birthday born dob gender sex ssn tax passport iban
account card customer client contact person owner author member employee company organisation organization
org comment note notes message text subject title description reason body lat latitude lon lng longitude geo
location url uri referrer agent device token secret password key id ids uuid guid
"""


def words(name: str) -> frozenset[str]:
    """The words of a field's name, in lower case: `unitAmount`, `unit_amount` and `UNIT-AMOUNT` have the same."""
    return frozenset(each.lower() for each in _WORD.findall(name))


def of_amounts(name: str) -> bool:
    """Whether a field has amounts, counts or measures."""
    return _has(name, _AMOUNTS)


def of_times(name: str) -> bool:
    """Whether a field has times."""
    return _has(name, _TIMES)


def of_people(name: str) -> bool:
    """Whether a field may tell of whom, or where from, a message is."""
    return _has(name, _PEOPLE)


def of_birth(name: str) -> bool:
    """Whether a field has the date of somebody's birth."""
    return _has(name, "birth birthday birthdate born dob")


def of_places(name: str) -> bool:
    """Whether a field has coordinates of a place."""
    return _has(name, "lat latitude lon lng long longitude geo location")


def _has(name: str, wanted: str) -> bool:
    return not words(name).isdisjoint(wanted.split())
