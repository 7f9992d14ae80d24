"""Paths that hold personal data: addresses, telephone and card numbers, names."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.cases.sample_advice.personal_data import personal_kind
from greenflash_kafka.discovery.path_values import PathValues, words_of

_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}")
_NAMES: Final = frozenset(
    ("firstname", "lastname", "fullname", "surname", "street", "address1", "address2", "birthday", "birthdate", "dob")
)
_NAME_PAIRS: Final = frozenset(
    (first, "name") for first in ("first", "last", "full", "customer", "user", "contact", "family", "given", "sur")
)
_WORDS: Final = {
    "email": "an email address",
    "mail": "an email address",
    "phone": "a telephone number",
    "mobile": "a telephone number",
    "ip": "an address of the network",
    "iban": "a bank account",
    "street": "a postal address",
    "birthday": "a date of birth",
}


def personal(found: PathValues) -> str:
    """What personal data a path holds, in words; "" if none is seen."""
    if not found.is_mostly("text", "integer"):
        return ""
    words = words_of((found.way[0], found.way[-1]))
    for text in list(found.values)[:20]:
        kind = personal_kind(".".join(words), text)
        if kind:
            return kind
        if _IBAN.fullmatch(text) and _is_iban(text.replace(" ", "")):
            return "a bank account"
    joined = "".join(words)
    if joined in _NAMES or words[-2:] in _NAME_PAIRS or (words == ("name",) and _of_a_person(found)):
        return "a name or an address of a person"
    for word, kind in _WORDS.items():
        if word in words and found.kinds.get("text"):
            return kind
    return ""


def _is_iban(text: str) -> bool:
    """Whether the check digits of an IBAN are right (ISO 13616: the number made of it is 1 modulo 97)."""
    return int("".join(str(int(each, 36)) for each in text[4:] + text[:4])) % 97 == 1


def _of_a_person(found: PathValues) -> bool:
    above = words_of(found.way[:-1])
    return bool({"customer", "user", "contact", "person", "author", "buyer", "member", "lead"} & set(above[-1:]))
